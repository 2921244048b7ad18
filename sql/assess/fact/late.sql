-- One row per report of the year ($year) that came after its day (metric.report_due), or has not come by the end of what is known. Days end
-- with the closing day ($closing_on), so that a closed year's count does not grow. What came after $known_on (null: all is known) has not.
with
known as (
  select least(cast(coalesce(as_of, last_received_at) as date), coalesce(cast($known_on as date), date '9999-12-31')) as known_on from meta.run
),

due as (
  select r.unit_code, r.record, r.period_id,
    days_late(r.in_time_until_on, if(r.came_on <= k.known_on, r.came_on, null), k.known_on, $closing_on) as days_late
  from metric.report_due as r
  join ref.period as p on p.period_id = r.period_id
  cross join known as k
  where year(p.to_on) = $year
)

select unit_code as unit, record, period_id, days_late from due
where days_late > 0
order by all
