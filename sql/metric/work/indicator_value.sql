-- From measured to value: what a missing number means is decided here, once for all shapes.
-- zero only after a full report; not_applicable for a rate of nothing or a unit that did not exist; else not_reported.
create or replace temporary view indicator_value as
with
unit_end as (
  select min(p.covers_from) as first_on, max(p.covers_to) as last_on from meta.part_in_force as p
  join ref.unit as u on u.unit_code = p.sender and (u.is_assessed or u.kind = 'city')
),

reported_at_all as (
  -- periods outside anything that was handed in are no rows: nobody owed a report there
  select indicator_id, first_on, last_on from indicator_end
  union all
  select i.indicator_id, s.first_on, s.last_on from indicator_asked as i
  cross join unit_end as s
),

indicator_period as (
  select i.indicator_id, i.is_rate, p.period_id from indicator_asked as i
  cross join period_asked as p
  semi join reported_at_all as a
    on a.indicator_id = i.indicator_id and p.first_on <= a.last_on and p.last_on >= a.first_on
),

indicator_unit as (
  -- whom nobody assesses has a row where there is something to say
  select distinct m.indicator_id, m.unit_code
  from measured as m
  semi join unit_period as u on u.unit_code = m.unit_code and not u.is_due
),

grid as (
  select i.indicator_id, i.is_rate, u.unit_code, u.period_id, u.exists_then
  from indicator_period as i
  join unit_period as u on u.period_id = i.period_id and u.is_due
  union all
  select i.indicator_id, i.is_rate, u.unit_code, u.period_id, u.exists_then
  from indicator_period as i
  join indicator_unit as m on m.indicator_id = i.indicator_id
  join unit_period as u on u.period_id = i.period_id and u.unit_code = m.unit_code
),

merged as (
  select g.indicator_id, g.is_rate, g.unit_code, g.period_id, g.exists_then, cast(null as varchar) as category,
    s.unit_code is not null as is_silent, m.numerator, m.denominator,
    coalesce(m.record_count, 0) as record_count, coalesce(m.undecided_count, 0) as undecided_count,
    coalesce(m.rejected_count, 0) as rejected_count, coalesce(m.open_count, 0) as open_count, m.numerator_low, m.numerator_high, m.denominator_high
  from grid as g
  left join measured as m on m.indicator_id = g.indicator_id and m.unit_code = g.unit_code
    and m.period_id = g.period_id and m.category is null
  left join full_report as s
    on s.indicator_id = g.indicator_id and s.unit_code = g.unit_code and s.period_id = g.period_id
  union all
  select m.indicator_id, i.is_rate, m.unit_code, m.period_id, true, m.category, false, m.numerator, m.denominator,
    m.record_count, m.undecided_count, m.rejected_count, m.open_count, m.numerator_low, m.numerator_high, m.denominator_high
  from measured as m join indicator_asked as i on i.indicator_id = m.indicator_id
  where m.category is not null and (m.numerator is not null or m.denominator is not null or m.undecided_count > 0)
),

filled as (
  -- the other half of a rate was handed in and names nothing: its numerator is zero
  select * replace (
    case when is_rate and numerator is null and denominator > 0 and undecided_count = 0 and is_silent then 0 else numerator end
      as numerator)
  from merged
),

stated as (
  select *,
    case
      -- a column that nobody understands makes no zero
      when open_count > 0 and coalesce(numerator, 0) = 0 then 'unsettled'
      when open_count > 0 and is_rate and coalesce(denominator, 0) = 0 then 'unsettled'
      when is_rate and denominator > 0 and numerator is not null then if(numerator = 0, 'zero', 'value')
      when not is_rate and numerator is not null then if(numerator = 0, 'zero', 'value')
      when rejected_count > 0 then 'rejected'
      when is_rate and denominator = 0 then 'not_applicable'
      when record_count > 0 or undecided_count > 0 then 'not_reported'
      when not exists_then then 'not_applicable'
      when is_silent then if(is_rate, 'not_applicable', 'zero')
      else 'not_reported'
    end as state
  from filled
),

rated as (
  select *,
    case when state not in ('value', 'zero') then null
      when is_rate then half_up(numerator, denominator, 6)
      else coalesce(numerator, 0) end as amount
  from stated
),

bounded as (
  -- mostly nothing is undecided, and both ends of a rate are the rate
  select *,
    case when state = 'zero' and record_count = 0 and not is_rate then 0
      when not is_rate then numerator_low
      when numerator_low = numerator and denominator_high = denominator and amount is not null then amount
      when denominator_high > 0 then half_up(numerator_low, denominator_high, 6) end as lowest,
    case when state = 'zero' and record_count = 0 and not is_rate then 0
      when not is_rate then numerator_high
      when numerator_high = numerator and amount is not null then amount
      when denominator > 0 then half_up(numerator_high, denominator, 6) end as highest
  from rated
)

select unit_code, period_id, indicator_id, category, state, cast(amount as decimal(38, 6)) as value,
  case when state in ('value', 'zero') then cast(coalesce(numerator, 0) as decimal(38, 6)) end as numerator,
  case when is_rate and state in ('value', 'zero', 'not_applicable') then cast(denominator as decimal(38, 6)) end as denominator,
  cast(record_count as bigint) as record_count, cast(undecided_count as bigint) as undecided_count,
  case when state in ('value', 'zero') or undecided_count > 0 then cast(lowest as decimal(38, 6)) end as lower,
  case when state in ('value', 'zero') or undecided_count > 0 then cast(highest as decimal(38, 6)) end as upper
from bounded;
