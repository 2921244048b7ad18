-- One row per year and unit: total, place, grade, and how far both may still move.
create or replace view open.总分排名 as
with gate as (
  select year, unit_code, string_agg(distinct label, '、' order by label) as labels
  from assess.gate
  group by year, unit_code
)

select r.year as 年度, u.name as 单位, r.group_id as 分组, r.total_points as 总分, r.group_rank as 组内名次, r.overall_rank as 总名次,
  coalesce(c.label, r.grade) as 等次, case r.status when 'final' then '确定' else '暂定' end as 结果状态,
  r.base_points as 基础分, r.bonus_points as 加分, r.deduction_points as 扣分, r.rescale as 折算系数,
  r.points_low as 得分下限, r.points_high as 得分上限, r.group_rank_best as 最好名次, r.group_rank_worst as 最差名次,
  coalesce(b.label, r.grade_best) as 最好等次, coalesce(w.label, r.grade_worst) as 最差等次,
  g.labels as 触发情形, r.unit_code as 单位代码
from assess.result as r
join ref.unit as u on u.unit_code = r.unit_code
left join gate as g on g.year = r.year and g.unit_code = r.unit_code
left join ref.code as c on c.list = 'assessment_grade' and c.code = r.grade
left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
