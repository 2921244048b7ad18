-- One row per report that an assessed unit owed (ref.calendar): by when, excused until when, and on which day it came.
-- A list came when a table that reaches the last day of the period first came, whether it covers a month, a quarter or the year so far: what
-- earlier tables lack is missing data, no lateness. A roll or a form of totals speaks of one day: it came with the first one of the
-- period. A slot counts from the day it first came, also where a later delivery replaced it; what was withdrawn or held back never came.
create or replace view metric.report_due as
with due as (
  select u.unit_code, c.record, c.period_id, r.is_snapshot or r.is_form as is_of_a_day, p.from_on, p.to_on, c.due_on,
    greatest(p.from_on, coalesce(u.valid_from, p.from_on)) as need_from,
    least(p.to_on, coalesce(u.valid_to, p.to_on)) as need_to
  from ref.calendar as c
  join ref.period as p on p.period_id = c.period_id
  join ref.record as r on r.record = c.record
  cross join ref.unit as u
  where u.is_assessed
),

slot as (
  select u.unit_code, p.record, p.covers_from, p.covers_to, cast(d.received_at as date) as came_on,
    coalesce(p.held, 'slot_tie') <> 'slot_tie' as is_held
  from meta.part as p
  join meta.delivery as d on d.delivery_id = p.delivery_id
  join meta.part_unit as u on u.part_id = p.part_id
  where d.withdrawn_at is null and d.sender is not null
),

reached as (
  -- how far tables that arrived go, where none reaches the last day
  select d.unit_code, d.record, d.period_id, max(s.covers_to) as reached_on
  from due as d
  join slot as s on s.unit_code = d.unit_code and s.record = d.record and s.covers_to between d.need_from and d.need_to - 1
  where not s.is_held and not d.is_of_a_day
  group by d.unit_code, d.record, d.period_id
),

came as (
  select d.unit_code, d.record, d.period_id, min(s.came_on) filter (where not s.is_held) as came_on, bool_or(s.is_held) as is_held
  from due as d
  join slot as s on s.unit_code = d.unit_code and s.record = d.record
    and if(d.is_of_a_day, s.covers_to between d.need_from and d.need_to, d.need_to between s.covers_from and s.covers_to)
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
)

select d.unit_code, d.record, d.period_id, d.due_on, greatest(d.due_on, coalesce(e.until_on, d.due_on)) as in_time_until_on, c.came_on,
  c.came_on is null and coalesce(c.is_held, false) as is_held, if(c.came_on is null, f.reached_on, null) as reached_on
from due as d
left join reached as f on f.unit_code = d.unit_code and f.record = d.record and f.period_id = d.period_id
left join came as c on c.unit_code = d.unit_code and c.record = d.record and c.period_id = d.period_id
left join excused as e on e.unit_code = d.unit_code and e.record = d.record and e.period_id = d.period_id
where d.need_from <= d.need_to
