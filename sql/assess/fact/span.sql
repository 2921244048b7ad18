-- One row per unit, indicator and category of the days from $first_on to $last_on, computed as asked.
select v.unit_code as unit, v.indicator_id as indicator, v.category, v.state, v.value as amount, v.numerator,
  v.denominator, v.lower, v.upper, v.record_count as records, v.undecided_count as undecided
from metric.between($first_on, $last_on) as v
