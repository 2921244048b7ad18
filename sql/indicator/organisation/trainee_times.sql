/* ---
indicator: trainee_times
label: 培训工会干部
unit: 人次
shape: sum
direction: up
record: training_held
counts: trainees of classes held by the district, a cadre in two classes counts twice
basis: 区县总工会举办培训班的参训人次；一人两期计两次
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, trainee_times as numerator, part_id, row_number
from current.training_held
where level = 'district'
