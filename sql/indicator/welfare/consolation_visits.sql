/* ---
indicator: consolation_visits
label: 走访慰问困难职工
unit: 人次
shape: sum
direction: up
record: consolation
counts: visits to needy workers — a person on a day is one visit, also if money and goods stand on two lines; a line without an ID counts the people it states, or one
basis: 走访慰问困难职工人次；同一人同一天计一次（金、物分两行也计一次）；无身份证号的行按填报人数，空白计一人
--- */
select unit_code, given_on as event_date,
  case
    when person_key is null then coalesce(reached_people, 1)
    when row_number() over (partition by unit_code, person_key, given_on order by part_id, row_number) = 1 then 1
    else 0
  end as numerator, part_id, row_number
from current.consolation
where is_paid and beneficiary_kind = 'needy'
