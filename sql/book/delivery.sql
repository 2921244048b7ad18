-- One row per delivery that was known: its name as the warehouse shows it, and the record kinds that were read in it.
select d.delivery_id, d.sender, d.name, d.sha256, d.received_at, d.withdrawn_at,
  coalesce(list(distinct p.record order by p.record) filter (where p.record is not null), []) as records
from meta.delivery as d
left join meta.part as p on p.delivery_id = d.delivery_id
group by all
