/* ---
indicator: federation_model_home
label: 总工会获模范职工之家称号
unit: 项
shape: count
direction: up
record: honour
category: level
counts: the title of model home given to the federation itself; it is one of its commendations as well
basis: 区县总工会自身获得的模范职工之家称号；同时包含在市级表彰中
--- */
select unit_code, level as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where owner = 'federation' and title = 'model_home' and status is distinct from 'revoked'
