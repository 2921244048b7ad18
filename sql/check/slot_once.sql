-- one row per slot in which parts of two deliveries are in force at once
select sender, record, covers_from, covers_to, count(distinct delivery_id) as deliveries
from meta.part_in_force
group by all
having count(distinct delivery_id) > 1;
