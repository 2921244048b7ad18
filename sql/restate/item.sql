-- The points of the leaves of a year ($year), as they were written.
select unit_code, item_id, points
from assess.item_score
where year = $year and is_leaf
order by all
