-- One row per matter that keeps $year from being closed, from the published results.
select 1 as step, f.code, f.unit_code, f.item_id, f.message
from assess.finding as f
where f.year = $year and f.severity = 'error'
union all
select 2, 'item_open', s.unit_code, s.item_id, '该项没有得分（' || s.state || '），请补齐后重新运行'
from assess.item_score as s
where s.year = $year and s.is_leaf and s.points is null and s.full_points > 0
union all
select 3, 'provisional', r.unit_code, null,
  '结果未定：等次可为“' || coalesce(b.label, r.grade_best) || '”至“' || coalesce(w.label, r.grade_worst)
  || '”，待定数据处理完毕，或资料截至日过了 ' || c.closing_on || '，方可结账'
from assess.result as r
join ref.scheme as c on c.year = r.year
left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
where r.year = $year and r.status = 'provisional'
order by step, code, unit_code, item_id
