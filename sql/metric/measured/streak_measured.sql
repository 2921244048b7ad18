-- Streaks: the length of the run of consecutive years with the award that ends with the last decided year.
-- A row with numerator 0 is a year decided otherwise. A year is decided by the middle of the next one: until then the year
-- before may be the last; after that a year without a row has broken the run.
create or replace temporary table streak_measured as
with
streak_year as (
  select r.indicator_id, r.unit_code, p.period_id, r.award_year, year(p.last_on) - if(month(p.last_on) <= 6, 2, 1) as oldest_end,
    bool_or(r.is_accepted) as is_decided, bool_or(r.is_accepted and r.numerator > 0) as is_awarded,
    bool_or(r.numerator > 0 or r.numerator is null) as may_be_awarded,
    count(*) filter (where r.is_accepted) as record_count, count(*) filter (where not r.is_accepted) as undecided_count,
    count(*) filter (where r.is_open) as open_count
  from streak_unit as r
  join indicator_end as e on e.indicator_id = r.indicator_id
  join period_asked as p on r.since_on <= p.last_on and p.first_on <= e.last_on
  group by r.indicator_id, r.unit_code, p.period_id, p.last_on, r.award_year
),

streak_run as (
  -- years of one run keep the same distance to their number in the list
  select indicator_id, unit_code, period_id, 'sure' as reading, award_year,
    award_year - row_number() over (partition by indicator_id, unit_code, period_id order by award_year) as run
  from streak_year
  where is_awarded
  union all
  select indicator_id, unit_code, period_id, 'possible', award_year,
    award_year - row_number() over (partition by indicator_id, unit_code, period_id order by award_year)
  from streak_year
  where may_be_awarded
),

streak_length as (
  select indicator_id, unit_code, period_id, reading, max(award_year) as end_year, count(*) as years
  from streak_run
  group by indicator_id, unit_code, period_id, reading, run
),

streak_end as (
  select indicator_id, unit_code, period_id, max(award_year) filter (where is_decided) as last_decided,
    max(award_year) as last_possible, max(oldest_end) as oldest_end, sum(record_count) as record_count,
    sum(undecided_count) as undecided_count, sum(open_count) as open_count
  from streak_year
  group by indicator_id, unit_code, period_id
)

select y.indicator_id, y.unit_code, y.period_id, cast(null as varchar) as category,
  cast(case when y.record_count > 0 then coalesce(s.years, 0) end as decimal(38, 6)) as numerator,
  cast(null as decimal(38, 6)) as denominator, y.record_count, y.undecided_count,
  y.undecided_count as rejected_count, y.open_count,
  cast(case when y.undecided_count = 0 then coalesce(s.years, 0) else 0 end as decimal(38, 6)) as numerator_low,
  cast(greatest(coalesce(s.years, 0), coalesce(q.years, 0)) as decimal(38, 6)) as numerator_high,
  cast(null as decimal(38, 6)) as denominator_high
from streak_end as y
left join streak_length as s on s.reading = 'sure' and s.indicator_id = y.indicator_id and s.unit_code = y.unit_code
  and s.period_id = y.period_id and s.end_year = y.last_decided and s.end_year >= y.oldest_end
left join streak_length as q on q.reading = 'possible' and q.indicator_id = y.indicator_id and q.unit_code = y.unit_code
  and q.period_id = y.period_id and q.end_year = y.last_possible and q.end_year >= y.oldest_end;
