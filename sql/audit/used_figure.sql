-- A figure as the rules of a year read it.
select state, computed, actual
from assess.figure
where year = $year and unit_code = $unit and indicator_id = $indicator and period_id = $period
  and category is not distinct from $category
