-- One row per unit, indicator and category of one period, as it is held.
select v.unit_code as unit, v.indicator_id as indicator, v.category, v.state, v.value as amount, v.numerator,
  v.denominator, v.lower, v.upper, v.record_count as records, v.undecided_count as undecided
from metric.value as v
where v.period_id = $period_id
