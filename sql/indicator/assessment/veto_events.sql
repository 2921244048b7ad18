/* ---
indicator: veto_events
label: 一票否决事项
unit: 项
shape: count
direction: down
record: veto_event
counts: veto events of the assessed years that are in force or under appeal; lifted ones do not count
basis: 考核年度内生效或申诉中的一票否决事项；已解除的不计
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, 1 as numerator, part_id, row_number
from current.veto_event
where status is distinct from 'lifted'
