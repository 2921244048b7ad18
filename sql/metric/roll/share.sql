-- Subjects of one indicator that stand on the rolls of more than one unit, with the rolls they stand on: for all rolls.
-- Reads roll_row. The largest unit is only searched for what the others list: grouping all its persons would cost ten times as much.
insert into metric.shared_subject by name
with
unit_size as (
  select unit_code, sum(record_count) as rows_counted
  from metric.snapshot_count
  where indicator_id = (select indicator_id from roll_asked) and category is null
  group by unit_code
),

largest as (select arg_max(unit_code, rows_counted) as unit_code from unit_size),

keyed as not materialized (
  select p.record, p.snapshot_on, r.unit_code, r.category, r.subject
  from roll_row as r
  join meta.part_in_force as p on p.part_id = r.part_id
  join ref.record as k on k.record = p.record and k.is_snapshot
  where r.is_accepted and r.subject is not null
),

elsewhere as (
  select subject, min(unit_code) as first_unit, max(unit_code) as last_unit
  from keyed
  where unit_code <> (select unit_code from largest)
  group by subject
),

found_again as (
  select k.subject from keyed as k
  semi join elsewhere as e on e.subject = k.subject
  where k.unit_code = (select unit_code from largest)
),

shared as (
  select subject from elsewhere
  where first_unit <> last_unit
  union
  select subject from found_again
)

select a.indicator_id, k.record, k.unit_code, k.snapshot_on, k.category, k.subject
from keyed as k
semi join shared as s on s.subject = k.subject
cross join roll_asked as a;
