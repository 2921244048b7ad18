/* ---
indicator: may_day_medals
label: 五一劳动奖章（奖状）
unit: 名
shape: count
direction: up
record: honour
category: title
counts: May Day medals (persons) and certificates (collectives), national and Chongqing, mixed as the claim mixes them; category by title
basis: 全国和重庆市五一劳动奖章（个人）与奖状（集体）合计；按称号分类
--- */
select unit_code, title as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title in ('may_day_medal', 'may_day_certificate') and level in ('national', 'municipal') and status is distinct from 'revoked'
