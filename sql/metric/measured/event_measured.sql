-- Different subjects or editions in a period: distinct per period and per unit, never added up from days or units.
-- A person without a usable ID is one of their own, stated in category no_id; the lower bound leaves them out.
create or replace temporary table event_measured as
with
event_placed as (
  select p.period_id, r.indicator_id, r.unit_code, r.category, r.subject, r.is_accepted, r.is_rejected, r.is_open
  from event_unit as r join period_day as p on p.on_day = r.since_on
  where r.since_on = r.until_on
  union all
  select p.period_id, r.indicator_id, r.unit_code, r.category, r.subject,
    r.is_accepted and r.since_on >= p.first_on and r.until_on <= p.last_on, r.is_rejected, r.is_open
  from event_unit as r join period_asked as p on r.since_on <= p.last_on and r.until_on >= p.first_on
  where r.since_on < r.until_on
)

select indicator_id, unit_code, period_id, category,
  cast(nullif(count(distinct subject) filter (where is_accepted)
    + count(*) filter (where is_accepted and subject is null), 0) as decimal(38, 6)) as numerator,
  cast(null as decimal(38, 6)) as denominator,
  count(*) filter (where is_accepted) as record_count,
  count(*) filter (where not is_accepted) as undecided_count,
  count(*) filter (where is_rejected) as rejected_count,
  count(*) filter (where is_open) as open_count,
  cast(greatest(count(distinct subject) filter (where is_accepted), least(count(*) filter (where is_accepted), 1))
    as decimal(38, 6)) as numerator_low,
  cast(count(distinct subject) + count(*) filter (where subject is null) as decimal(38, 6)) as numerator_high,
  cast(null as decimal(38, 6)) as denominator_high
from event_placed
group by indicator_id, unit_code, period_id, category;
