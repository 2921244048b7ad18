/* ---
indicator: audit_committee_rate
label: 经审组织建立率
unit: 比率
shape: ratio
direction: up
record: union_organisation
at: end
counts: active union organisations with an audit committee over those that state whether they have one
basis: 状态正常的工会组织中已建立的除以已填报有无的
--- */
select unit_code, snapshot_on as event_date, cast(has_audit_committee as integer) as numerator,
  cast(has_audit_committee is not null as integer) as denominator, part_id, row_number
from current.union_organisation
where is_active and union_kind is distinct from 'payer'
