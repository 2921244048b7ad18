-- Streaks: the length of the run of consecutive years that ends with the last year awarded by the period's last day.
-- The running year may be undecided yet, so a run that ended the year before still stands; an older one is broken.
streak_year as (
  select r.indicator_id, m.unit_code, p.period_id, year(p.last_on) as last_year, cast(decode(r.subject) as integer) as award_year,
    bool_or(r.is_accepted) as is_accepted, count(*) filter (where r.is_accepted) as record_count,
    count(*) filter (where not r.is_accepted) as undecided_count
  from streak_row as r
  join unit_member as m on m.part_unit = r.unit_code
  join period_asked as p on r.since_on <= p.last_on
  where r.subject is not null and (m.before_on is null or r.until_on < m.before_on)
    and (m.is_own_of_city or not exists (from ref.unit as u where u.unit_code = m.unit_code and u.kind = 'city'))
    and p.first_on <= (select max(e.last_on) from record_end as e
      join indicator_record as n on n.record = e.record and n.indicator_id = r.indicator_id)
  group by r.indicator_id, m.unit_code, p.period_id, p.last_on, cast(decode(r.subject) as integer)
),

streak_run as (
  select *,
    award_year - row_number() over (
      partition by indicator_id, unit_code, period_id, is_accepted order by award_year
    ) as run_accepted,
    award_year - row_number() over (partition by indicator_id, unit_code, period_id order by award_year) as run_possible
  from streak_year
),

streak_accepted as (
  select indicator_id, unit_code, period_id, run_accepted, count(*) as years, max(award_year) as end_year
  from streak_run where is_accepted group by indicator_id, unit_code, period_id, run_accepted
),

streak_possible as (
  select indicator_id, unit_code, period_id, run_possible, count(*) as years, max(award_year) as end_year
  from streak_run group by indicator_id, unit_code, period_id, run_possible
),

streak_measured as (
  select y.indicator_id, y.unit_code, y.period_id, cast(null as varchar) as category,
    cast(case when sum(y.record_count) > 0 then coalesce(max(a.years), 0) end as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator, sum(y.record_count) as record_count,
    sum(y.undecided_count) as undecided_count,
    cast(coalesce(max(a.years), 0) as decimal(38, 6)) as numerator_low,
    cast(coalesce(max(b.years), 0) as decimal(38, 6)) as numerator_high,
    cast(null as decimal(38, 6)) as denominator_high
  from (
    select indicator_id, unit_code, period_id, last_year, sum(record_count) as record_count, sum(undecided_count) as undecided_count
    from streak_year group by indicator_id, unit_code, period_id, last_year
  ) as y
  left join streak_accepted as a on a.indicator_id = y.indicator_id and a.unit_code = y.unit_code
    and a.period_id = y.period_id and a.end_year >= y.last_year - 1
  left join streak_possible as b on b.indicator_id = y.indicator_id and b.unit_code = y.unit_code
    and b.period_id = y.period_id and b.end_year >= y.last_year - 1
  group by y.indicator_id, y.unit_code, y.period_id
),
