-- One row per recorded event that is not lifted; a blank state is in force.
select unit_code as unit, condition, coalesce(status = 'appealed', false) as is_appealed, document_no, part_id, row_number
from current.veto_event
where year = $year and status is distinct from 'lifted'
order by part_id, row_number
