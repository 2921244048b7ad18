/* ---
indicator: legal_aid_recovered_yuan
label: 法律援助挽回损失
unit: 元
shape: sum
direction: up
record: legal_aid
counts: losses made good in closed aid cases, by the day of closing
basis: 已办结法律援助案件的挽回经济损失，按结案日期
--- */
select unit_code, closed_on as event_date, amount_recovered_yuan as numerator, part_id, row_number
from current.legal_aid
where aid_kind <> 'consultation'
