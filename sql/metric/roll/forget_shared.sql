-- Forget the subjects of rolls that are not counted (any more, or yet).
delete from metric.shared_subject as x
where x.indicator_id = (select indicator_id from roll_asked) and not exists (
  from metric.snapshot_count as c
  where c.indicator_id = x.indicator_id and c.record = x.record and c.unit_code = x.unit_code and c.snapshot_on = x.snapshot_on
);
