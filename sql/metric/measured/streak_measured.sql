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

streak_end as (
  select indicator_id, unit_code, period_id, max(award_year) filter (where is_decided) as last_decided,
    max(award_year) as last_possible, max(oldest_end) as oldest_end, sum(record_count) as record_count,
    sum(undecided_count) as undecided_count, sum(open_count) as open_count,
    list(award_year order by award_year desc) filter (where is_awarded) as awarded,
    list(award_year order by award_year desc) filter (where may_be_awarded) as perhaps_awarded
  from streak_year
  group by indicator_id, unit_code, period_id
),

streak_length as (
  -- years of one run, from its last backwards, keep the same sum with their number in the list
  select *,
    case when last_decided >= oldest_end
      then len([award_year for award_year, number in awarded if award_year + number = last_decided + 1]) end as years,
    case when last_possible >= oldest_end
      then len([award_year for award_year, number in perhaps_awarded if award_year + number = last_possible + 1]) end as perhaps_years
  from streak_end
)

select indicator_id, unit_code, period_id, cast(null as varchar) as category,
  cast(case when record_count > 0 then coalesce(years, 0) end as decimal(38, 6)) as numerator,
  cast(null as decimal(38, 6)) as denominator, record_count, undecided_count, undecided_count as rejected_count, open_count,
  cast(case when undecided_count = 0 then coalesce(years, 0) else 0 end as decimal(38, 6)) as numerator_low,
  cast(greatest(coalesce(years, 0), coalesce(perhaps_years, 0)) as decimal(38, 6)) as numerator_high,
  cast(null as decimal(38, 6)) as denominator_high
from streak_length;
