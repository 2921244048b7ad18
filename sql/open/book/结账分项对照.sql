-- What was closed beside what the data say now, unit by unit and item by item, for every edition; now minus then.
create or replace view open.结账分项对照 as
with booked as (
  select s.year, s.edition, s.unit_code, s.item_id, s.is_leaf, s.indicator_id, s.target, s.actual, s.points, i.label
  from book.item_score as s
  left join book.item as i on i.year = s.year and i.edition = s.edition and i.item_id = s.item_id
),

current_score as (
  select e.year, e.edition, s.unit_code, s.item_id, s.is_leaf, s.indicator_id, s.target, s.actual, s.points, i.label
  from book.edition as e
  join assess.item_score as s on s.year = e.year
  left join ref.item as i on i.year = s.year and i.item_id = s.item_id
)

select year as 年度, edition as 版次, u.name as 单位, coalesce(r.label, b.label, item_id) as 项目,
  coalesce(r.is_leaf, b.is_leaf) as 末级, b.target as 结账目标值, r.target as 现目标值,
  b.actual as 结账完成值, r.actual as 现完成值, r.actual - b.actual as 完成值差,
  b.points as 结账得分, r.points as 现得分, r.points - b.points as 得分差,
  case
    when b.item_id is null then '结账时无此项'
    when r.item_id is null then '现库未计算'
    when (b.target is distinct from r.target) or (b.actual is distinct from r.actual)
      or (b.points is distinct from r.points) then '有变'
    else '一致'
  end as 对照结果,
  coalesce(r.indicator_id, b.indicator_id) as 指标代码, unit_code as 单位代码, item_id as 项目代码
from booked as b
full join current_score as r using (year, edition, unit_code, item_id)
join ref.unit as u using (unit_code)
