-- The reports of some kinds that a unit owed for a year: by when, excused until when, when they came and by which deliveries, how many days late.
-- Asked of the published file and of what was read again; days end with the closing day ($closing_on).
with due as (
  select r.record, k.label, r.period_id, p.label as period, r.due_on, r.in_time_until_on, r.came_on, r.reached_on, p.from_on, p.to_on,
    days_late(r.in_time_until_on, r.came_on, cast(coalesce(m.as_of, m.last_received_at) as date), $closing_on) as days_late
  from metric.report_due as r
  join ref.period as p on p.period_id = r.period_id
  join ref.record as k on k.record = r.record
  cross join meta.run as m
  where r.unit_code = $unit and list_contains($records, r.record) and year(p.to_on) = $year
),

came as (
  select d.record, d.period_id, list(distinct e.delivery_id order by e.delivery_id) as deliveries
  from due as d
  join meta.part as t on t.record = d.record and t.covers_to between d.from_on and d.to_on
  join meta.part_unit as u on u.part_id = t.part_id and u.unit_code = $unit
  join meta.delivery as e on e.delivery_id = t.delivery_id
  where cast(e.received_at as date) = d.came_on and e.withdrawn_at is null
  group by d.record, d.period_id
)

select d.label, d.period, d.due_on, d.in_time_until_on, d.came_on, d.reached_on, d.days_late, coalesce(c.deliveries, []) as deliveries
from due as d
left join came as c on c.record = d.record and c.period_id = d.period_id
order by d.record, d.due_on, d.period_id
