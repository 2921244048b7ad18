/* ---
indicator: film_shows
label: 免费送电影
unit: 场
shape: sum
direction: up
record: culture_event
category: venue
counts: film shows brought to enterprises and communities; a blank number of sessions is one; category by venue
basis: 送电影场次；场次空白计一场；按场所分类
--- */
select unit_code, venue as category, held_from_on as from_on, held_to_on as to_on, coalesce(sessions, 1) as numerator, part_id, row_number
from current.culture_event
where kind = 'film'
