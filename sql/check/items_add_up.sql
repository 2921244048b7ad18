-- one row per block whose points are not those of its items, kept within its cap and floor; a ruling may say otherwise.
-- Each of the rounded points may be off by half a millionth.
with inner_points as (
  select s.year, s.unit_code, i.parent_id as item_id, sum(coalesce(s.points, 0)) as points, count(*) as items
  from assess.item_score as s
  join ref.item as i on i.year = s.year and i.item_id = s.item_id
  where i.parent_id is not null
  group by s.year, s.unit_code, i.parent_id
),

kept as (
  select p.year, p.unit_code, p.item_id, p.items,
    greatest(least(p.points, i.most_points), coalesce(i.least_points, least(p.points, i.most_points))) as points
  from inner_points as p
  join ref.item as i on i.year = p.year and i.item_id = p.item_id
)

select b.year, b.unit_code, b.item_id, b.points, k.points as of_items
from assess.item_score as b
join kept as k on k.year = b.year and k.unit_code = b.unit_code and k.item_id = b.item_id
left join assess.adjustment as a
  on a.year = b.year and a.unit_code = b.unit_code and a.item_id = b.item_id and a.kind = 'ruled_points'
where a.item_id is null and abs(coalesce(b.points, 0) - k.points) > 0.000001 * (k.items + 1);
