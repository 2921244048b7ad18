-- Every indicator of every unit over a span of days ($from_on to $to_on, both included).
select v.unit_code, u.name, v.indicator_id, i.label, i.unit as measure, v.category, v.state,
  v.value, v.numerator, v.denominator, v.record_count, v.undecided_count, v.lower, v.upper
from metric.in_span($from_on, $to_on) as v
join ref.unit as u on u.unit_code = v.unit_code
join ref.indicator as i on i.indicator_id = v.indicator_id
order by v.indicator_id, v.unit_code, v.category nulls first
