-- Tables in which the office recorded decisions ($recorded), those in force; and all tables of reports whose day of arrival counts
-- ($late) that speak of some units: also one that was replaced came when it came.
select p.part_id
from meta.part as p
where (p.in_force and list_contains($recorded, p.record))
  or (list_contains($late, p.record) and exists (
    from meta.part_unit as u
    where u.part_id = p.part_id and list_contains($units, u.unit_code)
  ))
order by p.part_id
