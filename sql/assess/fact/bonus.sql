-- One row per bonus applied for, of the year and of those before it: what counted once does not count again.
select unit_code as unit, kind, matter, level, work_year, counted_year, claimed_points,
  granted_points, document_no, part_id, row_number
from current.bonus_application
where counted_year <= $year
order by part_id, row_number
