/* ---
indicator: sports_games
label: 职工运动会
unit: 届
shape: edition
direction: up
record: culture_event
counts: different editions of the district's own games; games of one enterprise are none
basis: 全区职工运动会的不同届数；企业自办的不计
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, edition_number as subject, 1 as numerator, part_id, row_number
from current.culture_event
where kind = 'games' and (level is null or level = 'district')
