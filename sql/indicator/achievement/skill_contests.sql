/* ---
indicator: skill_contests
label: 职工技能大赛
unit: 场
shape: count
direction: up
record: skill_contest
counts: district-wide contests, one per trade contested; contests of employers or higher bodies apart
basis: 全区性技能大赛场次，每个工种一场；企业或上级举办的不计
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, 1 as numerator, part_id, row_number
from current.skill_contest
where level = 'district'
