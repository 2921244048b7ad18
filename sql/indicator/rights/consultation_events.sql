/* ---
indicator: consultation_events
label: 大型维权宣传咨询活动
unit: 场次
shape: sum
direction: up
record: publicity_event
counts: sessions of large consultation events in the open; lectures, leaflets and small events apart; a blank number of sessions is one
basis: 大型宣传咨询活动的场次；讲座、发资料及小型活动不计；场次空白计一场
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, coalesce(sessions, 1) as numerator, part_id, row_number
from current.publicity_event
where form = 'consultation' and is_large
