-- The results of a year ($year), best first, beside the place of the year before (none without points there); of tied places the unit's
-- code decides.
select r.unit_code, u.name, u.short_name, r.group_id, r.total_points, r.base_points, r.bonus_points, r.deduction_points,
  r.points_low, r.points_high, r.overall_rank, r.group_rank, r.group_rank_best, r.group_rank_worst,
  r.grade, coalesce(g.label, r.grade) as grade_label, coalesce(b.label, r.grade_best) as grade_best_label,
  coalesce(w.label, r.grade_worst) as grade_worst_label, r.status = 'final' as is_final,
  case when p.total_points > 0 then p.overall_rank end as overall_rank_before
from assess.result as r
join ref.unit as u on u.unit_code = r.unit_code
left join assess.result as p on p.year = r.year - 1 and p.unit_code = r.unit_code
left join ref.code as g on g.list = 'assessment_grade' and g.code = r.grade
left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
where r.year = $year
order by r.overall_rank, r.unit_code
