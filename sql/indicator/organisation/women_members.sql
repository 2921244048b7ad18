/* ---
indicator: women_members
label: 女会员
unit: 人
shape: stock
direction: up
record: member
counts: women on the last member roll
basis: 最近一期会员名册上的女会员人数
--- */
select unit_code, snapshot_on as event_date, person_key as subject, 1 as numerator, part_id, row_number
from current.member
where is_member and sex = '2'
