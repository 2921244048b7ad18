-- What every unit reached in a year ($year), best first.
select r.year, r.unit_code, u.name, r.group_id, r.total_points, r.overall_rank, r.group_rank, r.grade, r.status, r.base_points,
  r.bonus_points, r.deduction_points, r.rescale, r.gates, r.points_low, r.points_high, r.group_rank_best, r.group_rank_worst,
  r.grade_best, r.grade_worst
from assess.result as r
join ref.unit as u on u.unit_code = r.unit_code
where r.year = $year
order by r.overall_rank, r.unit_code
