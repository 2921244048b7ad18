/* ---
indicator: model_homes
label: 市级以上模范职工之家
unit: 个
shape: count
direction: up
record: honour
category: level
counts: grass-roots unions named model home at municipal level or above; the federation's own title apart; category by level
basis: 获市级以上模范职工之家称号的基层工会；区县总工会自身的不计；按级别分类
--- */
select unit_code, level as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title = 'model_home' and owner <> 'federation' and level in ('national', 'municipal') and status is distinct from 'revoked'
