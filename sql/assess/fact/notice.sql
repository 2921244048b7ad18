-- One row per notice that takes points off.
select unit_code as unit, item, points, reason, document_no, part_id, row_number
from current.deduction
where year = $year
order by part_id, row_number
