/* ---
indicator: statistics_membership_rate
label: 年报职工入会率
unit: 比率
shape: ratio
direction: up
record: union_statistics
at: end
counts: members over staff of employers with a union, both from the annual form of the same day
basis: 年报会员人数除以年报职工人数（已建会单位职工），同一统计截止日
--- */
select unit_code, counted_on as from_on, counted_on as to_on, case when staff_people is not null then members_people end as numerator,
  case when members_people is not null then staff_people end as denominator, part_id, row_number
from current.union_statistics
