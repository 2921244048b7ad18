-- One row per unit and year: as a circular says it was decided (通报), else as the year was closed last (结账), else as computed now (测算).
create or replace view open.历年等次 as
with last_edition as (
  select year, max(edition) as edition
  from book.edition
  group by year
),

told as (
  select year, unit_code, total_points, group_rank, overall_rank, grade, document_no, '通报' as basis
  from current.past_result
  union all
  select b.year, b.unit_code, b.total_points, b.group_rank, b.overall_rank, b.grade, null, '结账'
  from book.result as b
  join last_edition as l on l.year = b.year and l.edition = b.edition
  union all
  select year, unit_code, total_points, group_rank, overall_rank, grade, null, '测算'
  from assess.result
),

-- by year, not by unit: a circular or an edition speaks for all units of its year
first_basis as (
  select year, min_by(basis, case basis when '通报' then 1 when '结账' then 2 else 3 end) as basis
  from told
  group by year
)

select t.year as 年度, u.name as 单位, coalesce(c.label, t.grade) as 等次, t.total_points as 总分, t.group_rank as 组内名次,
  t.overall_rank as 总名次, t.basis as 依据, t.document_no as 通报文号, t.unit_code as 单位代码
from told as t
join first_basis as f on f.year = t.year and f.basis = t.basis
join ref.unit as u on u.unit_code = t.unit_code
left join ref.code as c on c.list = 'assessment_grade' and c.code = t.grade
order by t.year, u.name
