/* ---
indicator: mediation_closed
label: 办结劳动争议调解案件
unit: 件
shape: count
direction: up
record: mediation
counts: cases closed with any outcome, by the day they were closed; refused applications and pending cases are not closed cases
basis: 按结案日期统计，不论结果；不予受理、在办的不计
--- */
select unit_code, closed_on as event_date, 1 as numerator, part_id, row_number
from current.mediation
where result is distinct from 'refused' and result is distinct from 'pending'
