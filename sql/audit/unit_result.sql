-- The published result of a unit.
select u.name as unit_name, s.label || '（' || s.document_no || '）' as scheme, r.base_points, r.rescale, r.bonus_points, r.deduction_points,
  r.total_points, r.group_rank, r.overall_rank, r.grade, r.gates
from assess.result as r
join ref.scheme as s on s.year = r.year
join ref.unit as u on u.unit_code = r.unit_code
where r.year = $year and r.unit_code = $unit
