-- Whose rows count for a unit: its own, those of what became part of it, and for a city those of the units below it.
create or replace temporary table unit_member as
with recursive
lineage (unit_code, part_unit, before_on) as (
  -- what became part of a unit counts for it up to the day of the change, over any number of steps
  select to_unit, from_unit, on_date from ref.unit_change
  union
  select l.unit_code, c.from_unit, least(c.on_date, l.before_on)
  from lineage as l join ref.unit_change as c on c.to_unit = l.part_unit
)

select u.unit_code, u.unit_code as part_unit, cast(null as date) as before_on, u.kind = 'city' as is_own_of_city
from ref.unit as u
union all
select unit_code, part_unit, before_on, false from lineage
union all
-- children that have ended stay members: their rows are part of the city's past
select p.unit_code, c.unit_code as part_unit, null, false
from ref.unit as p join ref.unit as c on c.parent_code = p.unit_code
where p.kind = 'city';
