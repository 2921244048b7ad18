-- Every unit and leaf of a year ($year) with its points.
select unit_code, item_id, points, full_points, actual
from assess.item_score
where year = $year and is_leaf
order by unit_code, item_id;
