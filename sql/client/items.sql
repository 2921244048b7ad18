-- Every item of a unit ($unit) in a year ($year), blocks too, in the order of the scheme.
select s.year, s.unit_code, s.item_id, i.label, i.parent_id, s.is_leaf, s.indicator_id, s.full_points, s.points, s.state, s.target,
  s.actual, s.attainment, s.points_low, s.points_high, s.rule, s.explanation, s.document_no
from assess.item_score as s
join ref.item as i on i.year = s.year and i.item_id = s.item_id
where s.unit_code = $unit and s.year = $year
order by i.position
