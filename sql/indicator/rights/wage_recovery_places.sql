/* ---
indicator: wage_recovery_places
label: 外出讨薪地点
unit: 个
shape: distinct
direction: up
record: wage_recovery
counts: different places outside the district where wages were recovered, as written
basis: 区外讨薪的不同地点，按填报写法
--- */
select unit_code, recovered_on as event_date, place as subject, 1 as numerator, part_id, row_number
from current.wage_recovery
where is_out_of_district
