/* ---
indicator: funds_collection_rate
label: 工会经费收缴率
unit: 比率
shape: ratio
direction: up
record: union_funds
counts: funds collected from employers over funds due from them, in years that state both
basis: 已收缴经费除以应收缴经费，只计两项都填报的年度
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on,
  case when collectible_yuan is not null then collected_yuan end as numerator,
  case when collected_yuan is not null then collectible_yuan end as denominator, part_id, row_number
from current.union_funds
