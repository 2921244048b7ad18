/* ---
indicator: mediation_accepted
label: 受理劳动争议调解案件
unit: 件
shape: count
direction: none
record: mediation
counts: cases accepted, by the day of acceptance; an application that was refused was not accepted; a group case is one case
basis: 按受理日期统计；不予受理的不计；集体案件计一件
--- */
select unit_code, accepted_on as event_date, 1 as numerator, part_id, row_number
from current.mediation
where result is distinct from 'refused'
