/* ---
indicator: needy_on_file
label: 在档困难职工
unit: 人
shape: stock
direction: none
record: needy_worker
counts: persons with an open file on the day of the last list of files
basis: 最近一期困难职工档案中在档人数
--- */
select unit_code, snapshot_on as event_date, person_key as subject, 1 as numerator, part_id, row_number
from current.needy_worker
where is_on_file
