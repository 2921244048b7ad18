/* ---
indicator: rectification_rate
label: 审计问题整改率
unit: 比率
shape: ratio
direction: up
record: audit
counts: findings corrected over findings of the same years
basis: 已整改问题除以同年度发现问题
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, rectified as numerator, problems as denominator, part_id, row_number
from current.audit
