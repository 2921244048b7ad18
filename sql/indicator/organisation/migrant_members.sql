/* ---
indicator: migrant_members
label: 农民工会员
unit: 人
shape: stock
direction: up
record: member
counts: persons on the last member roll who are migrant workers; a part of members
basis: 最近一期会员名册上的农民工人数，是工会会员的一部分
--- */
select unit_code, snapshot_on as event_date, person_key as subject, 1 as numerator, part_id, row_number
from current.member
where is_member and is_migrant
