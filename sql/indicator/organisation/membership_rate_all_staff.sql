/* ---
indicator: membership_rate_all_staff
label: 全部职工入会率
unit: 比率
shape: ratio
direction: up
record: employer
at: end
counts: members over staff of all operating employers that should have a union; the stricter denominator
basis: 会员数除以全部应建会单位（含未建会）的职工数
--- */
select unit_code, snapshot_on as event_date, case when staff_people is not null then coalesce(member_people, 0) end as numerator,
  staff_people as denominator, part_id, row_number
from current.employer
where is_due is not false and is_operating
