-- The deliveries that a closed year ($deliveries: how many there were) knew, of some units and what became part of them, with tables of some kinds
-- ($kinds); and all with recorded decisions ($recorded).
select distinct p.delivery_id
from meta.part as p
where p.delivery_id <= $deliveries and (list_contains($recorded, p.record) or (list_contains($kinds, p.record) and exists (
  from meta.part_unit as u
  left join ref.unit_change as c on c.from_unit = u.unit_code
  where u.part_id = p.part_id and (list_contains($units, u.unit_code) or list_contains($units, c.to_unit))
)))
order by p.delivery_id
