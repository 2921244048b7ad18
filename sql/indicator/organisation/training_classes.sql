/* ---
indicator: training_classes
label: 举办工会干部培训班
unit: 期
shape: count
direction: up
record: training_held
counts: classes held by the district itself; classes of single employers or of higher bodies apart
basis: 区县总工会举办的培训班期数；基层或上级举办的不计
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, 1 as numerator, part_id, row_number
from current.training_held
where level = 'district'
