-- One row per roll that is in force and not counted yet (parameters: `$indicator`, `$records` the kinds it reads).
create or replace temporary table snapshot_asked as
select s.record, s.unit_code, s.snapshot_on, s.parts from metric.snapshot_slot as s
where list_contains($records, s.record) and not exists (
  from metric.snapshot_count as c
  where c.indicator_id = $indicator and c.record = s.record and c.unit_code = s.unit_code
    and c.snapshot_on = s.snapshot_on and c.parts = s.parts
)
