/* ---
indicator: mediation_succeeded
label: 成功调解劳动争议案件
unit: 件
shape: count
direction: up
record: mediation
counts: cases closed with an agreement, by the day they were closed; a group case is one case
basis: 按结案日期统计达成协议的案件；集体案件计一件
--- */
select unit_code, closed_on as event_date, 1 as numerator, part_id, row_number
from current.mediation
where result = 'agreed'
