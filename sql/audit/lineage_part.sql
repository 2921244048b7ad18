-- The parts in force that a number of `$unit` may rest on, per unit whose rows count for it. Asked of the published file.
-- `$rolls`: kinds of which only the roll of the last day counts; `before_on`: from this day on the rows are another unit's.
with recursive lineage as (
  select from_unit as unit_code, on_date as before_on
  from ref.unit_change
  where to_unit = $unit
  union
  select c.from_unit, least(c.on_date, l.before_on)
  from lineage as l join ref.unit_change as c on c.to_unit = l.unit_code
),

member as (
  select u.unit_code, cast(null as date) as before_on from ref.unit as u
  where u.unit_code = $unit and (u.kind <> 'city' or $adds_own)
  union all
  select unit_code, before_on from lineage
  union all
  -- the run of a district is not one of its city
  select c.unit_code, null from ref.unit as c join ref.unit as u on u.unit_code = c.parent_code
  where u.unit_code = $unit and u.kind = 'city' and $family <> 'streak'
),

part as (
  select p.part_id, u.unit_code, p.record, p.covers_to, list_contains($rolls, p.record) as is_roll
  from meta.part_in_force as p join meta.part_unit as u on u.part_id = p.part_id
  where list_contains($records, p.record)
),

record_end as (
  select record, max(covers_to) as last_on
  from part
  group by record
),

last_roll as (
  select p.record, p.unit_code, max(p.covers_to) as snapshot_on
  from part as p join record_end as e on e.record = p.record
  where p.is_roll and p.covers_to <= $last and $first <= e.last_on
  group by p.record, p.unit_code
),

standing as (
  -- a unit that became part of another stands until the other's first roll on or after that day
  select l.* from last_roll as l
  where not exists (
    select 1 from ref.unit_change as c join last_roll as n on n.unit_code = c.to_unit
    where c.from_unit = l.unit_code and n.record = l.record and n.snapshot_on >= c.on_date
  )
)

select p.part_id, p.unit_code, m.before_on, if(p.is_roll, p.covers_to, null) as snapshot_on,
  s.unit_code is not null as stands, (select max(last_on) from record_end) as ends_on
from part as p
join member as m on m.unit_code = p.unit_code
left join standing as s on s.record = p.record and s.unit_code = p.unit_code and s.snapshot_on = p.covers_to
order by all
