/* ---
indicator: model_groups
label: 市级以上模范职工小家
unit: 个
shape: count
direction: up
record: honour
category: level
counts: union groups named model group at municipal level or above; category by level
basis: 获市级以上模范职工小家称号的工会小组；按级别分类
--- */
select unit_code, level as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title = 'model_group' and owner <> 'federation' and level in ('national', 'municipal') and status is distinct from 'revoked'
