-- Errors and warnings of the rows of a delivery ($id); what follows from other deliveries is left out.
select i.sheet, i.row_number, i.column_name, i.issue_code, i.severity, p.record
from meta.issue as i left join meta.part as p on p.part_id = i.part_id
where i.delivery_id = $id and i.row_number is not null and i.severity <> 'info'
  and i.issue_code not in ('key_vanished', 'key_conflict_parts', 'reference_broken') and not starts_with(i.issue_code, 'returned_');
