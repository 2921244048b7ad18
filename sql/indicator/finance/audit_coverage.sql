/* ---
indicator: audit_coverage
label: 审计面
unit: 比率
shape: ratio
direction: up
record: audit
counts: union bodies audited over bodies subject to audit of the same years
basis: 已审计对象除以同年度应审计对象
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, audited as numerator, objects as denominator, part_id, row_number
from current.audit
