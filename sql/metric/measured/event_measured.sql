-- Different subjects or editions in a period: distinct per period and per unit, never added up from days or units.
-- A person without a usable ID is one of their own, stated in category no_id; the lower bound leaves them out. An event without
-- a readable edition is no edition more, only perhaps one.
create or replace temporary table event_measured as
with
event_unit as (
  select r.indicator_id, m.unit_code, r.category, r.since_on, r.until_on, r.subject, r.is_accepted, r.is_open, r.part_id, r.row_number
  from event_row as r
  join indicator_asked as i on i.indicator_id = r.indicator_id
  join unit_member as m on m.part_unit = r.unit_code
  where r.since_on is not null and (m.before_on is null or r.until_on < m.before_on)
    and (i.adds_own or not m.is_own_of_city)
),

event_placed as (
  select p.period_id, r.is_accepted and (r.subject is not null or not i.is_edition) as is_accepted,
    not r.is_accepted as is_rejected, r.* exclude (is_accepted)
  from event_unit as r join indicator_asked as i on i.indicator_id = r.indicator_id join period_day as p on p.on_day = r.since_on
  where r.since_on = r.until_on
  union all
  select p.period_id, r.is_accepted and (r.subject is not null or not i.is_edition)
    and r.since_on >= p.first_on and r.until_on <= p.last_on, not r.is_accepted, r.* exclude (is_accepted)
  from event_unit as r join indicator_asked as i on i.indicator_id = r.indicator_id
  join period_asked as p on r.since_on <= p.last_on and r.until_on >= p.first_on
  where r.since_on < r.until_on
),

event_category as (
  select * from event_placed
  where category is not null
  union all
  select e.* replace ('no_id' as category)
  from event_placed as e join indicator_asked as i on i.indicator_id = e.indicator_id
  where e.subject is null and not i.is_edition
  union all
  select * replace (cast(null as varchar) as category) from event_placed
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
from event_category
group by indicator_id, unit_code, period_id, category;
