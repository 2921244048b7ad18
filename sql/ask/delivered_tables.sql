-- The tables of a delivery ($id) in their order, with the delivery that counts in the place of each.
select p.sheet, p.covers_from, p.covers_to, p.covers_evidence, p.rows_read, p.rows_accepted, p.rows_rejected,
  p.rows_duplicate, p.rows_ignored, p.in_force, p.held, n.delivery_id, d.received_at, p.record
from meta.part as p
left join meta.part as n on n.part_id = p.replaced_by
left join meta.delivery as d on d.delivery_id = n.delivery_id
where p.delivery_id = $id
order by p.part_id;
