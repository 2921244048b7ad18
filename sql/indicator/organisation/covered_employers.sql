/* ---
indicator: covered_employers
label: 工会组织覆盖单位
unit: 家
shape: stock
direction: up
record: union_organisation
counts: employers covered by active union organisations on the day of the last register
basis: 最近一期台账中正常工会组织覆盖的单位数
--- */
select unit_code, snapshot_on as event_date, covered_employers as numerator, part_id, row_number
from current.union_organisation
where is_active and union_kind is distinct from 'payer'
