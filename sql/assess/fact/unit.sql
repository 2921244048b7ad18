-- One row per unit that is assessed for the year: it exists on its last day.
select unit_code as unit, short_name
from ref.unit
where is_assessed
  and coalesce(valid_from <= make_date($year, 12, 31), true)
  and coalesce(valid_to >= make_date($year, 12, 31), true)
order by unit_code
