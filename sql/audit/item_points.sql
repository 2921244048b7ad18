-- The published points of an item, and the labels of the blocks it is in, outermost first.
with recursive path as (
  select parent_id, 0 as height, label from ref.item
  where year = $year and item_id = $item
  union all
  select i.parent_id, p.height + 1, i.label from path as p
  join ref.item as i on i.year = $year and i.item_id = p.parent_id
),

above as (
  select coalesce(list(label order by height desc), []) as labels from path
  where height > 0
)

select r.unit_code as unit, u.name as unit_name, r.year, s.label || '（' || s.document_no || '）' as scheme, r.item_id as item,
  i.label, a.labels as above, r.full_points as "full", r.points, r.points_low, r.points_high, r.state, r.target,
  coalesce(r.document_no, '') as target_document, r.actual, r.attainment, r.explanation
from assess.item_score as r
join ref.item as i on i.year = r.year and i.item_id = r.item_id
join ref.scheme as s on s.year = r.year
join ref.unit as u on u.unit_code = r.unit_code
cross join above as a
where r.year = $year and r.unit_code = $unit and r.item_id = $item
