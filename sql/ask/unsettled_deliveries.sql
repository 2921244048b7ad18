-- Deliveries with a part in force in which a header or a word is not understood, or with a table of no known kind.
with unsettled as (
  select part_id from meta.open_column
  where why = 'held'
  union
  select part_id from meta.issue
  where issue_code in ('code_unknown', 'division_unknown')
)

select p.delivery_id
from meta.part_in_force as p
join unsettled as u on u.part_id = p.part_id
union
select delivery_id
from meta.issue
where issue_code = 'table_unrecognised' and state = 'open'
order by delivery_id
