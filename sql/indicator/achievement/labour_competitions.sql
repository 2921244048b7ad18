/* ---
indicator: labour_competitions
label: 开展劳动竞赛
unit: 项
shape: count
direction: up
record: labour_competition
category: kind
counts: labour competitions held; category by kind; a skill contest listed among them has its own register and does not count
basis: 开展劳动竞赛项数，按类别分类；列入其中的技能竞赛另有台账，不计
--- */
select unit_code, kind as category, held_from_on as from_on, held_to_on as to_on, 1 as numerator, part_id, row_number
from current.labour_competition
where kind is distinct from 'skill'
