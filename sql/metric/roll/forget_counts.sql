-- Forget the counts of rolls that are no longer in force as they were counted.
delete from metric.snapshot_count as c
where c.indicator_id = (select indicator_id from roll_asked) and not exists (
  from metric.snapshot_slot as s
  where s.record = c.record and s.unit_code = c.unit_code and s.snapshot_on = c.snapshot_on and s.parts = c.parts
);
