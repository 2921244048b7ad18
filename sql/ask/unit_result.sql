-- What a unit ($unit) reached in a year ($year); no row where the year is not scored.
select r.total_points as 总分, r.group_id as 分组, r.group_rank as 组内名次,
  (select count(*) from assess.result as o
  where o.year = r.year and o.group_id = r.group_id) as 组内单位数,
  r.overall_rank as 总名次, coalesce(c.label, r.grade) as 等次, r.status as 状态,
  coalesce(b.label, r.grade_best) as 最好等次, coalesce(w.label, r.grade_worst) as 最差等次
from assess.result as r
left join ref.code as c on c.list = 'assessment_grade' and c.code = r.grade
left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
where r.unit_code = $unit and r.year = $year;
