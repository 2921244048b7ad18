/* ---
indicator: training_sent_people
label: 参加市总及以上培训工会干部
unit: 人
shape: distinct
direction: up
record: training_sent
counts: cadres sent to courses of the municipal or national federation, each person once in the period; a person sent twice is one
basis: 参加市总及以上培训的工会干部，期内每人计一次
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, person_key as subject, 1 as numerator, part_id, row_number
from current.training_sent
where level in ('municipal', 'national')
