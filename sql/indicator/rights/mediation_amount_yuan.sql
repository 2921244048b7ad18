/* ---
indicator: mediation_amount_yuan
label: 成功调解案件标的额
unit: 元
shape: sum
direction: up
record: mediation
counts: amounts claimed in cases closed with an agreement, by the day they were closed; not what was paid
basis: 达成协议案件的申请金额之和，按结案日期；不是兑现金额
--- */
select unit_code, closed_on as event_date, amount_claimed_yuan as numerator, part_id, row_number
from current.mediation
where result = 'agreed'
