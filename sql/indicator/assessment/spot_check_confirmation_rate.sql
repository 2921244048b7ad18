/* ---
indicator: spot_check_confirmation_rate
label: 抽查属实率
unit: 比率
shape: ratio
direction: up
record: spot_check
counts: rows found true over rows looked at in spot checks of the assessed years
basis: 抽查中核实属实的件数除以抽查件数，按考核年度
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on,
  case when sampled is not null then confirmed end as numerator, case when confirmed is not null then sampled end as denominator, part_id, row_number
from current.spot_check
