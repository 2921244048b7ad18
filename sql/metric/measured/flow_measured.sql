-- Counts, sums and ratios of flows: days to periods.
-- A span that is no single day (a month, the covered period of a rejected row) counts inside a period, and is undecided across its border.
create or replace temporary table flow_measured as
with
flow_placed as (
  select p.period_id, true as is_inside, t.*
  from flow_sum as t join period_day as p on p.on_day = t.since_on
  where t.since_on = t.until_on
  union all
  select p.period_id, t.since_on >= p.first_on and t.until_on <= p.last_on, t.*
  from flow_sum as t join period_asked as p on t.since_on <= p.last_on and t.until_on >= p.first_on
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
