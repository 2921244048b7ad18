/* ---
indicator: worker_pioneers
label: 工人先锋号
unit: 个
shape: count
direction: up
record: honour
category: level
counts: teams named workers pioneer, national and Chongqing; category by level
basis: 全国和重庆市工人先锋号；按级别分类
--- */
select unit_code, level as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title = 'worker_pioneer' and level in ('national', 'municipal') and status is distinct from 'revoked'
