/* ---
indicator: urban_employed
label: 城镇单位就业人员
unit: 人
shape: stock
direction: none
record: employment_statistics
counts: people employed in urban units at the end of the year, without private enterprises
basis: 年末城镇单位就业人员，不含私营单位
--- */
select unit_code, counted_on as from_on, counted_on as to_on, urban_employed_people as numerator, part_id, row_number
from current.employment_statistics
