/* ---
indicator: leaflets_copies
label: 发放宣传资料
unit: 份
shape: sum
direction: up
record: publicity_event
counts: leaflets handed out at all publicity events; printed books apart
basis: 各类宣传活动发放的资料份数；书籍另计
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, leaflets_copies as numerator, part_id, row_number
from current.publicity_event
