-- The first and the last day that anything in force of what an indicator reads is about.
create or replace temporary table indicator_end as
select n.indicator_id, min(e.first_on) as first_on, max(e.last_on) as last_on
from indicator_record as n join record_end as e on e.record = n.record
group by n.indicator_id;
