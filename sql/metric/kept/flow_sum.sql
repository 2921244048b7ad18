-- Flows by day: what the rows of a unit, and of a city or of what became part of it, come to on each day or in each span of days that
-- a row names. Periods are made of these alone.
create or replace temporary table flow_sum as
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
)

select indicator_id, unit_code, category, since_on, until_on, sum(numerator) as numerator,
  sum(denominator) as denominator, sum(record_count) as record_count, sum(numerator_more) as numerator_more,
  sum(denominator_more) as denominator_more, sum(undecided_count) as undecided_count,
  sum(open_count) as open_count, sum(numerator_open) as numerator_open, sum(denominator_open) as denominator_open
from flow_category
group by indicator_id, unit_code, category, since_on, until_on;
