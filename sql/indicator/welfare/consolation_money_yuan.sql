/* ---
indicator: consolation_money_yuan
label: 发放慰问金
unit: 元
shape: sum
direction: up
record: consolation
category: beneficiary_kind
counts: money paid at visits, without the value of goods and without what is only planned or was returned; category by beneficiary
basis: 已发放的慰问金，不含慰问品折价，不含计划、退回的；按慰问类别分类
--- */
select unit_code, beneficiary_kind as category, given_on as event_date, amount_yuan as numerator, part_id, row_number
from current.consolation
where is_paid
