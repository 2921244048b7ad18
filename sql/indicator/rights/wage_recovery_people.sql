/* ---
indicator: wage_recovery_people
label: 讨薪涉及职工
unit: 人
shape: sum
direction: up
record: wage_recovery
counts: workers concerned as the register states them (head counts)
basis: 讨薪涉及人数之和；只有人数
--- */
select unit_code, recovered_on as event_date, workers_people as numerator, part_id, row_number
from current.wage_recovery
