-- Deliveries with a part in force in which a header or a word is not understood.
select distinct p.delivery_id
from meta.part_in_force as p
where p.part_id in (select part_id from meta.open_column where why = 'held')
  or p.part_id in (select part_id from meta.issue where issue_code in ('code_unknown', 'division_unknown'))
order by p.delivery_id
