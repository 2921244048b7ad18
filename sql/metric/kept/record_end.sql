-- The first and the last day that anything in force of a record kind is about: nobody owed a report beyond them.
create or replace temporary table record_end as
select record, min(covers_from) as first_on, max(covers_to) as last_on from meta.part_in_force
group by record;
