-- The yearly value of every indicator that the scheme of a year ($year) scores, for its units, in the years scored up to it.
with scored as (
  select year as scored_year, cast(year as varchar) as period_id
  from ref.scheme
  where year <= $year
),

read_by as (
  select distinct indicator_id
  from ref.item
  where year = $year
)

select v.unit_code, v.indicator_id, s.scored_year, v.state, v.value
from metric.value as v
join scored as s on s.period_id = v.period_id
join read_by as r on r.indicator_id = v.indicator_id
join assess.result as a on a.year = $year and a.unit_code = v.unit_code
where v.category is null
order by v.indicator_id, v.unit_code, s.scored_year
