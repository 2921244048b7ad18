-- The record kinds that each indicator asked about reads.
create or replace temporary table indicator_record as
select n.indicator_id, n.record, n.is_needed, r.is_snapshot, r.is_form, r.office_speaks_for_all
from ref.indicator_record as n
join indicator_asked as i on i.indicator_id = n.indicator_id
join ref.record as r on r.record = n.record;
