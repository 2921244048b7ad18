/* ---
indicator: skill_contestants
label: 技能大赛参赛职工
unit: 人
shape: sum
direction: up
record: skill_contest
counts: people who competed in district-wide contests, each once per trade as the register states them (人, not 人次)
basis: 全区性技能大赛参赛人数之和，每个工种内每人一次（人，不是人次）
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, contestants_people as numerator, part_id, row_number
from current.skill_contest
where level = 'district'
