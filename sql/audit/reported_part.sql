-- What was handed in for a period by a unit, by what became part of it, or by an office that speaks for it.
select distinct p.part_id
from meta.part_in_force as p
join meta.part_unit as u on u.part_id = p.part_id
where list_contains($records, p.record)
  and (list_contains($standing, p.part_id) or (p.covers_from <= $last and p.covers_to >= $first))
  and (list_contains($units, u.unit_code) or p.sender = $office)
