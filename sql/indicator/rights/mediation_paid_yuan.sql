/* ---
indicator: mediation_paid_yuan
label: 调解兑现金额
unit: 元
shape: sum
direction: up
record: mediation
counts: amounts paid under agreements, by the day the case was closed
basis: 达成协议案件的兑现金额之和，按结案日期
--- */
select unit_code, closed_on as event_date, amount_paid_yuan as numerator, part_id, row_number
from current.mediation
where result = 'agreed'
