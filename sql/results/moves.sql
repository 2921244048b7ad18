-- What a year's ($year) results differ in from the publication before, the largest move first.
select m.unit_code, u.name, u.short_name, cast(m.since as date) as since, m.points_before, m.points_now, m.overall_rank_before, m.overall_rank_now,
  coalesce(b.label, m.grade_before) as grade_before_label, coalesce(n.label, m.grade_now) as grade_now_label, m.reasons
from meta.result_move as m
join ref.unit as u on u.unit_code = m.unit_code
left join ref.code as b on b.list = 'assessment_grade' and b.code = m.grade_before
left join ref.code as n on n.list = 'assessment_grade' and n.code = m.grade_now
where m.year = $year
order by abs(coalesce(m.points_now, 0) - coalesce(m.points_before, 0)) desc, m.overall_rank_now, m.unit_code
