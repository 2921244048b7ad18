/* ---
indicator: model_workers
label: 劳动模范、先进工作者
unit: 名
shape: count
direction: up
record: honour
category: level
counts: national and Chongqing model workers and advanced workers, persons only; category by level
basis: 全国和重庆市劳动模范、先进工作者，只计个人；按级别分类
--- */
select unit_code, level as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title in ('model_worker', 'advanced_worker') and owner = 'person' and level in ('national', 'municipal') and status is distinct from 'revoked'
