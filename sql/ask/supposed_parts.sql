-- The tables of some deliveries ($ids), whether they count now (`before`) and then, and which delivery counts in their place then.
select p.part_id, p.delivery_id, r.label, p.sheet, p.covers_from, p.covers_to, p.rows_accepted, p.rows_rejected, b.in_force as counts_now,
  p.in_force as counts_then,
  min(n.delivery_id) filter (n.delivery_id <> p.delivery_id) as other_delivery
from meta.part as p
join before.meta.part as b on b.part_id = p.part_id
join meta.delivery as d on d.delivery_id = p.delivery_id
join ref.record as r on r.record = p.record
left join meta.part_in_force as n
  on n.sender = d.sender and n.record = p.record and n.covers_from = p.covers_from and n.covers_to = p.covers_to
where p.delivery_id in (select unnest($ids))
group by all
order by p.part_id;
