-- The points of one unit ($unit) and year ($year) item by item, without blocks, in the order of the scheme.
select i.label as 项目, s.full_points as 满分, s.points as 得分, s.full_points - s.points as 失分, s.state as 状态
from assess.item_score as s
join ref.item as i using (year, item_id)
where s.unit_code = $unit and s.year = $year and s.is_leaf
order by i.position;
