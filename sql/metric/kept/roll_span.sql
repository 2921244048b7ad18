-- From which to which day each roll is what a unit stands by: until the day before its next one, or before the first roll of the unit it
-- became part of. A roll that comes after that day never is.
create or replace temporary table roll_span as
with
roll_day as (
  -- from the parts, not from the rows: an empty roll is a stock of zero
  select distinct u.unit_code, p.record, p.snapshot_on
  from meta.part_in_force as p
  join meta.part_unit as u on u.part_id = p.part_id
  semi join indicator_record as i on i.record = p.record and i.is_snapshot
),

heir as (
  select c.from_unit, n.record, min(n.snapshot_on) as first_on
  from ref.unit_change as c
  join roll_day as n on n.unit_code = c.to_unit and n.snapshot_on >= c.on_date
  group by c.from_unit, n.record
)

select d.unit_code, d.record, d.snapshot_on,
  coalesce(least(lead(d.snapshot_on) over (partition by d.unit_code, d.record order by d.snapshot_on), h.first_on) - 1,
    date '9999-12-31') as until_on
from roll_day as d
left join heir as h on h.from_unit = d.unit_code and h.record = d.record;
