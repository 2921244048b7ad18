-- one row per result whose bonus is not that of its applications within the caps of class and total
with of_class as (
  select b.year, b.unit_code, least(sum(b.counted), coalesce(k.cap, sum(b.counted))) as points
  from assess.bonus as b
  left join ref.bonus_class as k on k.year = b.year and k.class_id = b.class_id
  group by b.year, b.unit_code, b.class_id, k.cap
),

of_unit as (
  select year, unit_code, sum(points) as points
  from of_class
  group by year, unit_code
)

select r.year, r.unit_code, r.bonus_points, u.points
from assess.result as r
join ref.scheme as s on s.year = r.year
left join of_unit as u on u.year = r.year and u.unit_code = r.unit_code
where abs(r.bonus_points - least(coalesce(u.points, 0), coalesce(s.bonus_cap, 0))) > 0.0001;
