-- The unit with the most records of a calendar year ($year), among those that have nobody below them.
select unit_code
from metric.value
where period_id = $year and category is null
  and unit_code not in (select parent_code from ref.unit
  where parent_code is not null)
group by unit_code
order by sum(record_count) desc, unit_code
limit 1;
