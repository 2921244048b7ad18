-- One row per roll that is in force and not counted yet.
create or replace temporary table roll_missing as
select s.record, s.unit_code, s.snapshot_on, s.parts from metric.snapshot_slot as s
join roll_asked as a on true
join ref.indicator_record as i on i.indicator_id = a.indicator_id and i.record = s.record
join ref.record as r on r.record = s.record and r.is_snapshot
where not exists (
  from metric.snapshot_count as c
  where c.indicator_id = a.indicator_id and c.record = s.record and c.unit_code = s.unit_code
    and c.snapshot_on = s.snapshot_on and c.parts = s.parts
);
