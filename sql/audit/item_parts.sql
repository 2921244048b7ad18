-- The items of a block with their published points, in the order of the scheme.
select i.item_id as item, i.label, r.full_points as "full", r.points
from assess.item_score as r
join ref.item as i on i.year = r.year and i.item_id = r.item_id
where r.year = $year and r.unit_code = $unit and i.parent_id = $item
order by i.position
