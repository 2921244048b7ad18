-- Values of calendar years that would be others than now (`before`): unit, year, indicator, value now and then. A kind that
-- nobody has reported has no rows: that is no other than not reported.
with
earlier as (
  from before.metric.value
  where category is null
),

later as (
  from metric.value
  where category is null
)

select u.name as unit, period_id, i.label as indicator, i.unit as measure, z.label as state_now, earlier.value as now,
  y.label as state_then, later.value as later
from earlier
full join later using (unit_code, period_id, indicator_id)
join ref.unit as u on u.unit_code = coalesce(earlier.unit_code, later.unit_code)
join ref.indicator as i on i.indicator_id = coalesce(earlier.indicator_id, later.indicator_id)
left join ref.code as z on z.list = 'value_state' and z.code = earlier.state
left join ref.code as y on y.list = 'value_state' and y.code = later.state
where (coalesce(earlier.state, 'not_reported'), earlier.value)
  is distinct from (coalesce(later.state, 'not_reported'), later.value)
  and regexp_full_match(period_id, '[0-9]{4}')
order by period_id, u.unit_code, i.indicator_id;
