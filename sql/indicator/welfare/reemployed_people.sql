/* ---
indicator: reemployed_people
label: 帮助就业再就业
unit: 人
shape: distinct
direction: up
record: reemployment
counts: different persons helped into work, by the day the work began; a person twice in work in the period is one
basis: 期内帮助就业的不同人员，按就业日期；同一人两次就业计一人
--- */
select unit_code, employed_on as event_date, person_key as subject, 1 as numerator, part_id, row_number
from current.reemployment
