/* ---
indicator: members_per_urban_employee
label: 会员与城镇单位就业人员之比
unit: 比率
shape: ratio
direction: up
record: union_statistics
reads: [employment_statistics, union_statistics]
at: end
counts: union members of the annual form over people employed in urban units; members outside urban units are in the numerator and not in the denominator
basis: 年报会员人数除以城镇单位就业人员；城镇单位以外的会员计入分子、不计入分母
--- */
select unit_code, counted_on as from_on, counted_on as to_on, members_people as numerator, null as denominator, part_id, row_number
from current.union_statistics
union all
select unit_code, counted_on as from_on, counted_on as to_on, null as numerator, urban_employed_people as denominator, part_id, row_number
from current.employment_statistics
