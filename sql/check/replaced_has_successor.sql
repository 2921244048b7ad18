-- one row per replaced part whose successor is not in force
select p.part_id, p.replaced_by
from meta.part as p
left join meta.part_in_force as n on n.part_id = p.replaced_by
where p.replaced_by is not null and (n.part_id is null or p.in_force);
