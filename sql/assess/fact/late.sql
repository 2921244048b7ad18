-- One row per report of the year that came after its day, or has not come by the end of what is known: days late, at least 1.
-- A slot counts from the day it first came, also where a later delivery replaced it; what was withdrawn never came.
-- Days end with the closing day ($closing_on), so that a closed year's count does not grow.
with due as (
  select u.unit_code, c.record, c.period_id, r.is_snapshot, r.is_form, p.from_on, p.to_on, c.due_on,
    greatest(p.from_on, coalesce(u.valid_from, p.from_on)) as need_from,
    least(p.to_on, coalesce(u.valid_to, p.to_on)) as need_to
  from ref.calendar as c
  join ref.period as p on p.period_id = c.period_id
  join ref.record as r on r.record = c.record
  cross join ref.unit as u
  where u.is_assessed and year(p.to_on) = $year
),

slot as (
  select u.unit_code, p.record, p.covers_from, p.covers_to, min(cast(d.received_at as date)) as came_on
  from meta.part as p
  join meta.delivery as d on d.delivery_id = p.delivery_id
  join meta.part_unit as u on u.part_id = p.part_id
  where d.withdrawn_at is null and d.sender is not null and coalesce(p.held, 'slot_tie') = 'slot_tie'
  group by u.unit_code, p.record, p.covers_from, p.covers_to
),

mark as (
  -- between two of these days nothing changes: the period is covered when each of them is
  select unit_code, record, period_id, need_from as on_day from due
  union
  select d.unit_code, d.record, d.period_id, s.covers_to + 1
  from due as d
  join slot as s on s.unit_code = d.unit_code and s.record = d.record
  where s.covers_to + 1 between d.need_from and d.need_to
),

mark_covered as (
  select m.unit_code, m.record, m.period_id, m.on_day, min(s.came_on) as came_on
  from mark as m
  left join slot as s on s.unit_code = m.unit_code and s.record = m.record and m.on_day between s.covers_from and s.covers_to
  group by m.unit_code, m.record, m.period_id, m.on_day
),

came as (
  -- a list of events is complete when its whole period is covered
  select unit_code, record, period_id, case when bool_and(came_on is not null) then max(came_on) end as came_on
  from mark_covered
  group by unit_code, record, period_id
),

came_once as (
  -- a roll or a form of totals speaks of one day: the first one of the period
  select d.unit_code, d.record, d.period_id, min(s.came_on) as came_on
  from due as d
  join slot as s on s.unit_code = d.unit_code and s.record = d.record and s.covers_to between d.need_from and d.need_to
  group by d.unit_code, d.record, d.period_id
),

excused as (
  select d.unit_code, d.record, d.period_id, max(e.excused_until_on) as until_on
  from due as d
  join ref.record as r on r.record = d.record
  join current.late_excuse as e on e.unit_code = d.unit_code and key_text(e.report) in (key_text(r.record), key_text(r.label))
    and e.report_period_from_on <= d.from_on and e.report_period_to_on >= d.to_on
  where e.is_granted
  group by d.unit_code, d.record, d.period_id
),

judged as (
  select d.unit_code, d.record, d.period_id, greatest(d.due_on, coalesce(e.until_on, d.due_on)) as due_on,
    case when d.is_snapshot or d.is_form then o.came_on else c.came_on end as came_on
  from due as d
  left join came as c on c.unit_code = d.unit_code and c.record = d.record and c.period_id = d.period_id
  left join came_once as o on o.unit_code = d.unit_code and o.record = d.record and o.period_id = d.period_id
  left join excused as e on e.unit_code = d.unit_code and e.record = d.record and e.period_id = d.period_id
  where d.need_from <= d.need_to
),

known as (select cast(coalesce(as_of, last_received_at) as date) as known_on from meta.run)

select j.unit_code as unit, j.record, j.period_id,
  greatest(1, least(coalesce(j.came_on, k.known_on), $closing_on) - j.due_on) as days_late
from judged as j
cross join known as k
where coalesce(j.came_on, k.known_on) > j.due_on
order by all
