-- The roll by which a unit stands at the end of each period. After the last roll of all of a kind nobody owed another.
create or replace temporary table roll_standing as
select s.unit_code, s.record, p.period_id, s.snapshot_on
from roll_span as s
join period_asked as p on p.last_on between s.snapshot_on and s.until_on
join record_end as e on e.record = s.record and p.first_on <= e.last_on;
