/* ---
indicator: bonus_points_granted
label: 核定加分
unit: 分
shape: sum
direction: up
record: bonus_application
category: level
counts: points granted for applications, by the year they count in; undecided applications add nothing yet
basis: 核定的加分之和，按计分年度；未核定的不计
--- */
select unit_code, level as category, make_date(counted_year, 1, 1) as from_on, make_date(counted_year, 12, 31) as to_on, granted_points as numerator, part_id, row_number
from current.bonus_application
