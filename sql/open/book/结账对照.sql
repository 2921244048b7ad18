-- What was closed beside what the data say now, unit by unit, for every edition; a difference is now minus then.
create or replace view open.结账对照 as
with booked as (
  select e.year, e.edition, e.closed_on, r.unit_code, r.group_id, r.total_points, r.group_rank, r.grade
  from book.edition as e
  join book.result as r on r.year = e.year and r.edition = e.edition
),

unit_seen as (
  select year, edition, closed_on, unit_code from booked
  union
  -- a unit that was not assessed when the year was closed
  select e.year, e.edition, e.closed_on, r.unit_code
  from book.edition as e
  join assess.result as r on r.year = e.year
)

select s.year as 年度, s.edition as 版次, s.closed_on as 结账日期, u.name as 单位,
  coalesce(r.group_id, b.group_id) as 分组,
  b.total_points as 结账总分, r.total_points as 现总分, r.total_points - b.total_points as 总分差,
  b.group_rank as 结账名次, r.group_rank as 现名次, r.group_rank - b.group_rank as 名次差,
  coalesce(bg.label, b.grade) as 结账等次, coalesce(rg.label, r.grade) as 现等次,
  case
    when b.unit_code is null then '结账时无此单位'
    when r.unit_code is null then '现库未计算'
    when (b.total_points is distinct from r.total_points) or (b.group_rank is distinct from r.group_rank)
      or (b.grade is distinct from r.grade) then '有变'
    else '一致'
  end as 对照结果,
  s.unit_code as 单位代码
from unit_seen as s
join ref.unit as u on u.unit_code = s.unit_code
left join booked as b on b.year = s.year and b.edition = s.edition and b.unit_code = s.unit_code
left join assess.result as r on r.year = s.year and r.unit_code = s.unit_code
left join ref.code as bg on bg.list = 'assessment_grade' and bg.code = b.grade
left join ref.code as rg on rg.list = 'assessment_grade' and rg.code = r.grade
