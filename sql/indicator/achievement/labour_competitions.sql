/* ---
indicator: labour_competitions
label: 开展劳动竞赛
unit: 项
shape: count
direction: up
record: labour_competition
counts: labour competitions held; category by kind
basis: 开展劳动竞赛项数；按类别分类
--- */
select unit_code, kind as category, held_from_on as from_on, held_to_on as to_on, 1 as numerator, part_id, row_number
from current.labour_competition
