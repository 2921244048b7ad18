/* ---
indicator: mediation_closing_rate
label: 劳动争议调解结案率
unit: 比率
shape: ratio
direction: up
record: mediation
above_one: true
counts: cases closed in the period over cases accepted in it; above 100 % where cases of an earlier period were closed
basis: 本期办结案件数除以本期受理案件数；办结上期受理的案件时可超过100%
--- */
select unit_code, closed_on as event_date, 1 as numerator, null as denominator, part_id, row_number
from current.mediation
where result is distinct from 'refused' and result is distinct from 'pending'
union all
select unit_code, accepted_on as event_date, null as numerator, 1 as denominator, part_id, row_number
from current.mediation
where result is distinct from 'refused'
