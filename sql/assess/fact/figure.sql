-- One row per unit and number that the scheme can read: $indicators and $periods pair by pair. Every category comes along.
-- A rate is given as its two parts, because its value is rounded to six places. A number is undecided, whatever counts now, while a table
-- that it may rest on is held back, or a delivery of its unit could not be read and may be about its period.
with asked as (
  select distinct unnest($indicators) as indicator_id, unnest($periods) as period_id
),

unread as (
  select delivery_id, sender, cast(received_at as date) as on_day
  from meta.unread
  where withdrawn_at is null
  union
  select d.delivery_id, d.sender, cast(d.received_at as date)
  from meta.issue as i
  join meta.delivery as d on d.delivery_id = i.delivery_id
  where i.state = 'open' and d.withdrawn_at is null
    and i.issue_code in ('reader_failed', 'rows_unaccounted', 'cells_unaccounted', 'workbook_crashed', 'workbook_timeout')
),

unheard as (
  -- whose numbers, of which kind (none: any), of which days
  select coalesce(u.unit_code, d.sender) as unit_code, p.record, p.covers_from as from_on, p.covers_to as to_on
  from meta.part as p
  join meta.delivery as d on d.delivery_id = p.delivery_id
  join meta.issue as i on i.part_id = p.part_id and i.issue_code = p.held
  left join meta.part_unit as u on u.part_id = p.part_id
  where not p.in_force and d.withdrawn_at is null and i.state = 'open'
  union
  select sender, null, null, on_day from unread
),

open_number as (
  -- a city's table may speak of every unit below it; no table is about days after it came
  select distinct v.unit_code, a.indicator_id, a.period_id
  from unheard as h
  join ref.unit as v on v.unit_code = h.unit_code or v.parent_code = h.unit_code
  join ref.indicator_record as r on r.record = h.record or h.record is null
  join asked as a on a.indicator_id = r.indicator_id
  join ref.period as p on p.period_id = a.period_id
  where coalesce(h.from_on <= p.to_on, true) and coalesce(h.to_on >= p.from_on, true)
)

select v.unit_code as unit, v.indicator_id as indicator, v.category, v.period_id, v.state, v.value as amount,
  v.numerator, v.denominator, if(o.unit_code is null, v.lower, null) as lower, if(o.unit_code is null, v.upper, null) as upper,
  v.record_count as records, v.undecided_count + if(o.unit_code is null, 0, 1) as undecided
from metric.value as v
join asked as a on a.indicator_id = v.indicator_id and a.period_id = v.period_id
left join open_number as o
  on o.unit_code = v.unit_code and o.indicator_id = v.indicator_id and o.period_id = v.period_id
