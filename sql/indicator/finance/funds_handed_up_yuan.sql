/* ---
indicator: funds_handed_up_yuan
label: 上解工会经费
unit: 元
shape: sum
direction: up
record: union_funds
counts: funds handed up to the municipal federation, a figure of the whole year
basis: 上解市总工会的经费，为全年数
--- */
select unit_code, make_date(year, 1, 1) as from_on, make_date(year, 12, 31) as to_on, handed_up_yuan as numerator, part_id, row_number
from current.union_funds
