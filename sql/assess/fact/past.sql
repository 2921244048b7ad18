-- One row per unit and earlier year that was decided.
select unit_code as unit, year, total_points as points, overall_rank, group_rank, grade
from current.past_result
where year < $year
order by unit_code, year
