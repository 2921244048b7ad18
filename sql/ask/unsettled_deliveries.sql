-- Deliveries with a part in force in which a header or a word is not understood.
with unsettled as (
  select part_id from meta.open_column
  where why = 'held'
  union
  select part_id from meta.issue
  where issue_code in ('code_unknown', 'division_unknown')
)

select distinct p.delivery_id
from meta.part_in_force as p
join unsettled as u on u.part_id = p.part_id
order by p.delivery_id
