/* ---
indicator: late_excuses_refused
label: 未获准的迟报
unit: 次
shape: count
direction: down
record: late_excuse
counts: late reports whose excuse was refused, by the last day of the period they cover
basis: 迟报说明未获准的次数，按报表期末日
--- */
select unit_code, report_period_to_on as event_date, 1 as numerator, part_id, row_number
from current.late_excuse
where not is_granted
