-- One row per unit and year: as it was decided, or, for a year that is not decided yet, as it is computed now.
create or replace view open.历年等次 as
with decided as (
  select year, unit_code, total_points, group_rank, overall_rank, grade, document_no, '通报' as basis
  from current.past_result
),

computed as (
  select year, unit_code, total_points, group_rank, overall_rank, grade, null, '测算'
  from assess.result
  where year not in (select year from decided)
),

both_kinds as (
  select * from decided
  union all
  select * from computed
)

select y.year as 年度, u.name as 单位, coalesce(c.label, y.grade) as 等次, y.total_points as 总分, y.group_rank as 组内名次,
  y.overall_rank as 总名次, y.basis as 依据, y.document_no as 通报文号, y.unit_code as 单位代码
from both_kinds as y
join ref.unit as u on u.unit_code = y.unit_code
left join ref.code as c on c.list = 'assessment_grade' and c.code = y.grade
