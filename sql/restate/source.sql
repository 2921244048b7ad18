-- The parts in force that cover something up to the end of a year ($year), per unit they are about, and how people call their delivery.
select u.unit_code, p.record, p.part_id, p.delivery_id, p.covers_from, p.covers_to,
  concat('《', p.name, '》（', cast(p.received_at as date), '收到）') as delivery
from meta.part_in_force as p
join meta.part_unit as u on u.part_id = p.part_id
where p.covers_from is null or p.covers_from <= make_date($year, 12, 31)
order by all
