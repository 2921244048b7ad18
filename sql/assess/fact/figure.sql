-- One row per unit and number that the scheme can read: $indicators and $periods pair by pair. Every category comes along.
-- A rate is given as its two parts, because its value is rounded to six places.
with asked as (
  select distinct unnest($indicators) as indicator_id, unnest($periods) as period_id
)

select v.unit_code as unit, v.indicator_id as indicator, v.category, v.period_id, v.state, v.value as amount,
  v.numerator, v.denominator, v.lower, v.upper, v.record_count as records, v.undecided_count as undecided
from metric.value as v
join asked as a on a.indicator_id = v.indicator_id and a.period_id = v.period_id
