/* ---
indicator: tripartite_meetings
label: 三方协商会议
unit: 次
shape: count
direction: up
record: tripartite_meeting
counts: meetings held, by day
basis: 三方协商会议次数，按召开日期
--- */
select unit_code, held_on as event_date, 1 as numerator, part_id, row_number
from current.tripartite_meeting
