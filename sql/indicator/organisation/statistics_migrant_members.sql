/* ---
indicator: statistics_migrant_members
label: 年报农民工会员人数
unit: 人
shape: stock
direction: none
record: union_statistics
counts: the unit's own total in the annual form, on the day it was counted; it stands for that day only
basis: 工会统计年报本单位填报数，只代表统计截止日
--- */
select unit_code, counted_on as from_on, counted_on as to_on, migrant_members_people as numerator, part_id, row_number
from current.union_statistics
