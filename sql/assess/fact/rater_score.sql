-- One row per rater, unit and item.
select unit_code as unit, item, rater_group as "group", points, full_points, opinion, part_id, row_number
from current.rater_score
where year = $year
order by part_id, row_number
