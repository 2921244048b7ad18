/* ---
indicator: stage_shows
label: 送文艺演出
unit: 场
shape: sum
direction: up
record: culture_event
counts: stage shows; a blank number of sessions is one
basis: 文艺演出场次；场次空白计一场
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, coalesce(sessions, 1) as numerator, part_id, row_number
from current.culture_event
where kind = 'show'
