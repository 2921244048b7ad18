-- Every item of every unit in a year ($year), blocks before their items, in the order of the scheme; `place` among all units
-- with points for it, equal points share a place.
select s.unit_code, s.item_id, n.parent_id, n.position, n.label, s.is_leaf, s.indicator_id, i.label as indicator_label,
  i.unit as measure, s.target, s.actual, s.attainment, s.full_points, s.points, s.points_low, s.points_high, s.state,
  z.label as state_label, s.explanation, s.document_no, n.department,
  case when s.points is not null then
    rank() over (partition by s.item_id, s.points is null order by s.points desc)
  end as place,
  count(s.points) over (partition by s.item_id) as placed
from assess.item_score as s
join ref.item as n on n.year = s.year and n.item_id = s.item_id
left join ref.indicator as i on i.indicator_id = s.indicator_id
left join ref.code as z on z.list = 'value_state' and z.code = s.state
where s.year = $year
order by s.unit_code, n.position
