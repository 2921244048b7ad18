-- One row per matter that keeps $year from being closed, from the published results. `may_stay`: what nobody has decided yet; it may be
-- closed over by name, and `place` says which it is. All else has to be settled.
select 1 as step, f.code, f.unit_code, f.item_id, f.message, false as may_stay, null as place
from assess.finding as f
where f.year = $year and f.severity = 'error'
union all
select 2, 'item_open', s.unit_code, s.item_id, '该项没有得分（' || s.state || '），请补齐后重新运行', false, null
from assess.item_score as s
where s.year = $year and s.is_leaf and s.points is null and s.full_points > 0
union all
select 3, 'provisional', r.unit_code, null,
  '结果未定：等次可为“' || coalesce(b.label, r.grade_best) || '”至“' || coalesce(w.label, r.grade_worst)
  || '”，待定数据处理完毕，或资料截至日过了 ' || c.closing_on || '，方可结账', true, 'status'
from assess.result as r
join ref.scheme as c on c.year = r.year
left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
where r.year = $year and r.status = 'provisional'
union all
select 4, f.code, f.unit_code, f.item_id, f.message, true, f.part_id || '/' || f.row_number
from assess.finding as f
where f.year = $year and f.code = 'appeal_open'
union all
select 5, 'bonus_undecided', b.unit_code, null, '加分“' || b.matter || '”尚未核定（申报' || format('{:g}', cast(b.claimed as double)) || '分），请先核定',
  true, b.part_id || '/' || b.row_number
from assess.bonus as b
where b.year = $year and b.why = 'undecided'
order by step, code, unit_code, item_id, place
