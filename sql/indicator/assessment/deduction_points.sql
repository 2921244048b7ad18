/* ---
indicator: deduction_points
label: 扣分
unit: 分
shape: sum
direction: down
record: deduction
counts: points of deduction notices of the assessed years
basis: 扣分通知的分值之和，按考核年度
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, points as numerator, part_id, row_number
from current.deduction
