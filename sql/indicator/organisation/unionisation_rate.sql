/* ---
indicator: unionisation_rate
label: 工会组建率
unit: 比率
shape: ratio
direction: up
record: employer
at: end
counts: employers with a union over operating employers that should have one, in the last register of employers
basis: 最近一期应建会单位台账中已建会单位除以应建会单位（正常经营）
--- */
select unit_code, snapshot_on as event_date, case when is_unionised then 1 when not is_unionised then 0 end as numerator,
  1 as denominator, part_id, row_number
from current.employer
where is_due is not false and is_operating
