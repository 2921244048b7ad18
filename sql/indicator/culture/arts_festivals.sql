/* ---
indicator: arts_festivals
label: 职工文化艺术节
unit: 届
shape: edition
direction: up
record: culture_event
counts: different editions of the district's own arts festival; several events of one edition are one
basis: 全区职工文化艺术节的不同届数；一届多场活动计一届
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, edition_number as subject, 1 as numerator, part_id, row_number
from current.culture_event
where kind = 'festival' and (level is null or level = 'district')
