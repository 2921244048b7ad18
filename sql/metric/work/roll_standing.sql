-- The roll by which a unit stands at the end of each period: its last one on or before the last day. A unit that became part
-- of another stands until the other's first roll on or after that day.
create or replace temporary table roll_standing as
with
roll_day as (
  -- from the parts, not from the rows: an empty roll is a stock of zero
  select distinct u.unit_code, p.record, p.snapshot_on
  from meta.part_in_force as p
  join meta.part_unit as u on u.part_id = p.part_id
  semi join indicator_record as i on i.record = p.record and i.is_snapshot
),

roll_last as (
  select s.unit_code, s.record, p.period_id, max(s.snapshot_on) as snapshot_on
  from roll_day as s
  join record_end as e on e.record = s.record
  join period_asked as p on s.snapshot_on <= p.last_on and p.first_on <= e.last_on
  group by s.unit_code, s.record, p.period_id
)

select l.* from roll_last as l
where not exists (
  select 1 from ref.unit_change as c
  join roll_last as n on n.unit_code = c.to_unit
  where c.from_unit = l.unit_code and n.record = l.record and n.period_id = l.period_id and n.snapshot_on >= c.on_date
);
