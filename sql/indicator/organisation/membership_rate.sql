/* ---
indicator: membership_rate
label: 职工入会率
unit: 比率
shape: ratio
direction: up
record: union_organisation
at: end
counts: members over staff of employers that have a union (not of all employers), both head counts of the last register of unions
basis: 最近一期工会组织台账的会员数除以职工数（只含已建会单位，不是全部单位的职工）
--- */
select unit_code, snapshot_on as event_date, case when staff_people is not null then member_people end as numerator,
  case when member_people is not null then staff_people end as denominator, part_id, row_number
from current.union_organisation
where is_active and union_kind is distinct from 'payer'
