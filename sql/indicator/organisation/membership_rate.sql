/* ---
indicator: membership_rate
label: 职工入会率
unit: 比率
shape: ratio
direction: up
record: employer
at: end
claims: [45]
counts: members over staff of employers that have a union (not of all employers), both head counts of the last register of employers
basis: 最近一期台账中已建会单位的会员数除以其职工数（不是全部单位的职工）
--- */
select unit_code, snapshot_on as event_date, case when staff_people is not null then member_people end as numerator,
  staff_people as denominator, part_id, row_number
from current.employer
where is_unionised and is_due is not false and is_operating
