/* ---
indicator: funds_handed_up_rate
label: 工会经费上解率
unit: 比率
shape: ratio
direction: up
record: union_funds
counts: funds handed up over funds due to be handed up of the same years
basis: 已上解经费除以同年度应上解经费
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, handed_up_yuan as numerator, due_yuan as denominator, part_id, row_number
from current.union_funds
