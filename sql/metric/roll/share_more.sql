-- The same after a few rolls (`roll_missing`) have come: only what they list can have become shared. Reads roll_row (all rows
-- of the indicator) and roll_row_new (those of the rolls that came). A subject that is on one unit's rolls only any more may stay
-- listed: overlaps are differences of distinct counts, to which it adds nothing.
insert into metric.shared_subject by name
with
missing_part as (select unit_code, unnest(parts) as part_id from roll_missing),

arrived as (
  select distinct r.subject from roll_row_new as r
  join missing_part as a on a.part_id = r.part_id and a.unit_code = r.unit_code
  where r.is_accepted and r.subject is not null
),

candidate as materialized (
  select p.record, p.snapshot_on, r.unit_code, r.category, r.subject
  from roll_row as r
  semi join arrived as a on a.subject = r.subject
  join meta.part_in_force as p on p.part_id = r.part_id
  join ref.record as k on k.record = p.record and k.is_snapshot
  where r.is_accepted
),

shared as (
  select subject from candidate
  group by subject
  having min(unit_code) <> max(unit_code)
)

select a.indicator_id, c.record, c.unit_code, c.snapshot_on, c.category, c.subject
from candidate as c
semi join shared as s on s.subject = c.subject
cross join roll_asked as a
where not exists (
  from metric.shared_subject as x
  where x.indicator_id = a.indicator_id and x.record = c.record and x.unit_code = c.unit_code
    and x.snapshot_on = c.snapshot_on and x.subject = c.subject and x.category is not distinct from c.category
);
