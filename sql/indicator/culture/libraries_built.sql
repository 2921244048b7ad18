/* ---
indicator: libraries_built
label: 新建职工书屋
unit: 个
shape: count
direction: up
record: library
counts: libraries newly built, by the time they were built; upgraded and existing ones do not count
basis: 新建的职工书屋，按建成时间；提升、原有的不计
--- */
select unit_code, built_from_on as from_on, built_to_on as to_on, 1 as numerator, part_id, row_number
from current.library
where kind = 'new'
