-- One row per unit below an assessed one, both of them there on the last day of the year.
with there as (
  select unit_code, parent_code, is_assessed
  from ref.unit
  where coalesce(valid_from <= make_date($year, 12, 31), true)
    and coalesce(valid_to >= make_date($year, 12, 31), true)
)

select p.unit_code as unit, c.unit_code as child
from there as p
join there as c on c.parent_code = p.unit_code
where p.is_assessed
order by all
