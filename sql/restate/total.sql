-- The lines of the result of a year ($year), as they were written.
select unit_code, bonus_points, deduction_points, total_points, group_rank, overall_rank, grade
from assess.result
where year = $year
order by all
