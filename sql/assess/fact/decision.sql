-- One row per unit whose place among equals was decided.
select unit_code as unit, place, reason, document_no, part_id, row_number
from current.rank_decision
where year = $year
order by part_id, row_number
