-- The indicators that are asked about. In a shell first, for instance: set variable indicators = ['books_given'];
create or replace temporary table indicator_asked as
with named as (
  select unnest(coalesce(getvariable('indicators'), error('first: set variable indicators = [id, …]'))) as indicator_id
)

select i.indicator_id, i.label, i.basis, i.above_one, i.is_rate, i.is_edition, i.at_end, i.by_subject, i.adds_own
from ref.indicator as i
semi join named as n on n.indicator_id = i.indicator_id;
