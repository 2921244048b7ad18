-- What is valid from … to … by the unit it counts for, in its category and in the total; rows of rolls are counted elsewhere.
create or replace temporary table validity_unit as
with
roll_part as (
  select p.part_id from meta.part_in_force as p
  semi join indicator_record as i on i.record = p.record and i.is_snapshot
),

validity_member as (
  select r.indicator_id, m.unit_code, r.category, r.since_on, r.until_on, r.subject, r.numerator, r.denominator, r.is_accepted, r.is_open
  from stock_row as r
  anti join roll_part as s on s.part_id = r.part_id
  join indicator_asked as i on i.indicator_id = r.indicator_id
  join unit_member as m on m.part_unit = r.unit_code
  where (m.before_on is null or r.since_on < m.before_on) and (i.adds_own or not m.is_own_of_city)
)

select indicator_id, unit_code, category, since_on, until_on, subject, numerator, denominator, is_accepted, is_open
from validity_member
where category is not null
union all
select indicator_id, unit_code, null, since_on, until_on, subject, numerator, denominator, is_accepted, is_open
from validity_member;
