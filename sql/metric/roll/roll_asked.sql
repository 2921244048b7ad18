-- The one indicator whose rolls are counted. In a shell first, for instance: set variable indicator = 'members';
create or replace temporary table roll_asked as
with named as (
  select unnest([coalesce(getvariable('indicator'), error('first: set variable indicator = …'))]) as indicator_id
)

select i.indicator_id, i.by_subject, i.is_rate
from ref.indicator as i
semi join named as n on n.indicator_id = i.indicator_id;
