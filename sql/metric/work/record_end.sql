-- The last day that anything in force of a record kind is about: nobody owed a report beyond it.
create or replace temporary table record_end as
select record, max(covers_to) as last_on from meta.part_in_force
group by record;
