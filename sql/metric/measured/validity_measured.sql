-- Stocks by validity (a contract from … to …, a figure for one day): what is valid on the last day of a period. A year's figure
-- is valid on its own last day only, so the next year is not reported until it is.
create or replace temporary table validity_measured as
with
validity_placed as (
  select p.period_id, r.*
  from validity_unit as r
  join indicator_end as e on e.indicator_id = r.indicator_id
  join period_asked as p on p.last_on between r.since_on and r.until_on and p.first_on <= e.last_on
)

select s.indicator_id, s.unit_code, s.period_id, s.category,
  case when any_value(i.by_subject) then cast(nullif(count(distinct subject) filter (where is_accepted)
    + count(*) filter (where is_accepted and subject is null), 0) as decimal(38, 6))
    else sum(numerator) filter (where is_accepted) end as numerator,
  sum(denominator) filter (where is_accepted) as denominator,
  count(*) filter (where is_accepted) as record_count,
  count(*) filter (where not is_accepted) as undecided_count,
  count(*) filter (where is_open) as open_count,
  case when any_value(i.by_subject) then cast(count(distinct subject) filter (where is_accepted) as decimal(38, 6))
    else coalesce(sum(numerator) filter (where is_accepted), 0) end as numerator_low,
  case when any_value(i.by_subject)
    then cast(count(distinct subject) + count(*) filter (where subject is null) as decimal(38, 6))
    when count(*) filter (where not is_accepted and numerator is null) = 0 then coalesce(sum(numerator), 0)
    end as numerator_high,
  case when count(*) filter (where not is_accepted and denominator is null and i.is_rate) = 0
    then coalesce(sum(denominator), 0) end as denominator_high
from validity_placed as s join indicator_asked as i on i.indicator_id = s.indicator_id
group by s.indicator_id, s.unit_code, s.period_id, s.category;
