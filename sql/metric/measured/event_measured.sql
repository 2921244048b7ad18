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
),

event_subject as (
  select period_id, indicator_id, unit_code, category, subject, coalesce(bool_or(is_accepted), false) as is_counted,
    count(*) as row_count, count(*) filter (where is_accepted) as record_count, count(*) filter (where is_rejected) as rejected_count,
    count(*) filter (where is_open) as open_count
  from event_placed
  group by period_id, indicator_id, unit_code, category, subject
),

event_count as (
  -- rows without a subject are one group of the first step
  select indicator_id, unit_code, period_id, category,
    count(subject) filter (where is_counted) as subjects, count(subject) as perhaps_subjects,
    coalesce(sum(record_count) filter (where subject is null), 0) as no_subject,
    coalesce(sum(row_count) filter (where subject is null), 0) as perhaps_no_subject,
    sum(record_count) as record_count, sum(row_count) - sum(record_count) as undecided_count, sum(rejected_count) as rejected_count,
    sum(open_count) as open_count
  from event_subject
  group by indicator_id, unit_code, period_id, category
)

select indicator_id, unit_code, period_id, category,
  cast(nullif(subjects + no_subject, 0) as decimal(38, 6)) as numerator, cast(null as decimal(38, 6)) as denominator,
  record_count, undecided_count, rejected_count, open_count,
  cast(greatest(subjects, least(record_count, 1)) as decimal(38, 6)) as numerator_low,
  cast(perhaps_subjects + perhaps_no_subject as decimal(38, 6)) as numerator_high,
  cast(null as decimal(38, 6)) as denominator_high
from event_count;
