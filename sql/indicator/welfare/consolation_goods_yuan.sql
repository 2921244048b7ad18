/* ---
indicator: consolation_goods_yuan
label: 慰问品折价
unit: 元
shape: sum
direction: up
record: consolation
category: beneficiary_kind
counts: value of goods given at visits, without money
basis: 已发放慰问品的折价，不含慰问金
--- */
select unit_code, beneficiary_kind as category, given_on as event_date, goods_yuan as numerator, part_id, row_number
from current.consolation
where is_paid
