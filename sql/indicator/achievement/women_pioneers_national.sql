/* ---
indicator: women_pioneers_national
label: 全国五一巾帼标兵岗（标兵）
unit: 名
shape: count
direction: up
record: honour
category: title
counts: national posts (collectives) and persons; category by title
basis: 全国五一巾帼标兵岗（集体）与标兵（个人）合计；按称号分类
--- */
select unit_code, title as category, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where title in ('women_pioneer_post', 'women_pioneer') and level = 'national' and status is distinct from 'revoked'
