-- one row per part in force of a delivery that was withdrawn or has no sender
select p.part_id
from meta.part_in_force as p
join meta.delivery as d using (delivery_id)
where d.withdrawn_at is not null or d.sender is null;
