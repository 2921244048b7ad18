-- one row per result that is not made of its items, bonus and deductions, rounded as the scheme says; a gate may set it to 0
with of_items as (
  select s.year, s.unit_code, sum(coalesce(s.points, 0)) as points
  from assess.item_score as s
  join ref.item as i on i.year = s.year and i.item_id = s.item_id
  where i.parent_id is null
  group by s.year, s.unit_code
),

composed as (
  select r.year, r.unit_code, r.base_points, r.total_points,
    cast(o.points as decimal(16, 6)) * cast(r.rescale as decimal(16, 6)) as base,
    r.base_points + r.bonus_points - r.deduction_points as total,
    half_up(1, 2 * cast(pow(10, c.total_places) as integer), 6) + 0.001 as may_differ
  from assess.result as r
  join of_items as o on o.year = r.year and o.unit_code = r.unit_code
  join ref.scheme as c on c.year = r.year
)

select year, unit_code, base_points, base, total_points, total
from composed
where abs(base_points - base) > 0.001
  or (total_points <> 0 and abs(total_points - total) > may_differ);
