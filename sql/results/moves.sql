-- What a year's ($year) results differ in from the publication before, the largest move first.
with matter as (
  select unit_code, max(since) as since,
    max(before) filter (where kind = 'total') as points_before, max(after) filter (where kind = 'total') as points_now,
    max(before_label) filter (where kind = 'total') as points_said,
    max(before) filter (where kind = 'overall_rank') as rank_before, max(after) filter (where kind = 'overall_rank') as rank_now,
    max(before_label) filter (where kind = 'grade') as grade_before, max(after_label) filter (where kind = 'grade') as grade_now,
    arg_min(reasons, case kind when 'total' then 1 when 'overall_rank' then 2 when 'grade' then 3 else 4 end) as reasons
  from meta.restatement
  where year = $year and kind in ('total', 'overall_rank', 'group_rank', 'grade')
  group by unit_code
)

select m.unit_code, u.name, u.short_name, cast(m.since as date) as since,
  if(m.points_said is null, r.total_points, m.points_before) as points_before,
  if(m.points_said is null, r.total_points, m.points_now) as points_now,
  cast(if(m.rank_before is null and m.rank_now is null, r.overall_rank, m.rank_before) as integer) as overall_rank_before,
  cast(if(m.rank_before is null and m.rank_now is null, r.overall_rank, m.rank_now) as integer) as overall_rank_now,
  coalesce(m.grade_before, c.label, r.grade) as grade_before_label, coalesce(m.grade_now, c.label, r.grade) as grade_now_label, m.reasons
from matter as m
join ref.unit as u on u.unit_code = m.unit_code
left join assess.result as r on r.year = $year and r.unit_code = m.unit_code
left join ref.code as c on c.list = 'assessment_grade' and c.code = r.grade
order by abs(coalesce(points_now, 0) - coalesce(points_before, 0)) desc, overall_rank_now, m.unit_code
