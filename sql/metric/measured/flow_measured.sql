-- Counts, sums and ratios of flows: rows to (unit, day) once, then days to periods.
-- A span that is no single day (a month, the covered period of a rejected row) counts inside a period, and is undecided across its border.
create or replace temporary table flow_measured as
with
flow_day as (
  select indicator_id, unit_code, category, since_on, until_on,
    sum(numerator) filter (where is_accepted) as numerator,
    sum(denominator) filter (where is_accepted) as denominator,
    count(*) filter (where is_accepted) as record_count,
    sum(numerator) filter (where not is_accepted) as numerator_more,
    sum(denominator) filter (where not is_accepted) as denominator_more,
    count(*) filter (where not is_accepted) as undecided_count,
    count(*) filter (where is_open) as open_count,
    count(*) filter (where not is_accepted and numerator is null) as numerator_open,
    count(*) filter (where not is_accepted and is_rate and denominator is null) as denominator_open
  from flow_row join indicator_asked using (indicator_id)
  where since_on is not null
  group by indicator_id, unit_code, category, since_on, until_on
),

flow_unit as (
  select d.* replace (m.unit_code as unit_code)
  from flow_day as d
  join indicator_asked as i on i.indicator_id = d.indicator_id
  join unit_member as m on m.part_unit = d.unit_code
  where (m.before_on is null or d.until_on < m.before_on) and (i.adds_own or not m.is_own_of_city)
),

flow_category as (
  select * from flow_unit
  where category is not null
  union all
  select * replace (cast(null as varchar) as category) from flow_unit
),

flow_total as (
  select indicator_id, unit_code, category, since_on, until_on, sum(numerator) as numerator,
    sum(denominator) as denominator, sum(record_count) as record_count, sum(numerator_more) as numerator_more,
    sum(denominator_more) as denominator_more, sum(undecided_count) as undecided_count,
    sum(open_count) as open_count, sum(numerator_open) as numerator_open, sum(denominator_open) as denominator_open
  from flow_category
  group by indicator_id, unit_code, category, since_on, until_on
),

flow_placed as (
  select p.period_id, true as is_inside, t.*
  from flow_total as t join period_day as p on p.on_day = t.since_on
  where t.since_on = t.until_on
  union all
  select p.period_id, t.since_on >= p.first_on and t.until_on <= p.last_on, t.*
  from flow_total as t join period_asked as p on t.since_on <= p.last_on and t.until_on >= p.first_on
  where t.since_on < t.until_on
)

select indicator_id, unit_code, period_id, category,
  sum(numerator) filter (where is_inside) as numerator,
  sum(denominator) filter (where is_inside) as denominator,
  coalesce(sum(record_count) filter (where is_inside), 0) as record_count,
  sum(undecided_count) + coalesce(sum(record_count) filter (where not is_inside), 0) as undecided_count,
  sum(undecided_count) as rejected_count, sum(open_count) as open_count,
  coalesce(sum(numerator) filter (where is_inside), 0) as numerator_low,
  case when sum(numerator_open) = 0 then coalesce(sum(numerator), 0) + coalesce(sum(numerator_more), 0) end
    as numerator_high,
  case when sum(denominator_open) = 0 then coalesce(sum(denominator), 0) + coalesce(sum(denominator_more), 0) end
    as denominator_high
from flow_placed
group by indicator_id, unit_code, period_id, category;
