/* ---
indicator: union_organisations
label: 工会组织
unit: 个
shape: stock
direction: up
record: union_organisation
counts: union organisations active on the day of the last register; a joint union of many employers is one, a body that only pays funds is none
basis: 最近一期台账中状态正常的工会组织；联合工会计一个；仅缴费单位不计
--- */
select unit_code, snapshot_on as event_date, 1 as numerator, part_id, row_number
from current.union_organisation
where is_active and union_kind is distinct from 'payer'
