/* ---
indicator: federation_honours_municipal
label: 总工会获市级表彰
unit: 项
shape: count
direction: up
record: honour
counts: commendations of the federation itself at municipal (province) level; grades of the annual assessment are counted by their streak, not here
basis: 区县总工会自身获得的市级（省部级）表彰；年度考核等次另计
--- */
select unit_code, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where owner = 'federation' and level = 'municipal' and title <> 'assessment_prize' and status is distinct from 'revoked'
