-- Target, actual and attainment of one calendar year ($year), from the latest target in effect and the year's value.
-- A build as of an earlier day knows only the targets in effect by then.
insert into assess.attainment
with known as (
  select t.* from ref.target as t
  where t.year = $year
    and t.effective_on <= coalesce((select max(cast(as_of as date)) from meta.run), date '9999-12-31')
),

latest as (
  select k.* from known as k
  where not exists (
    from known as n
    where n.unit_code = k.unit_code and n.indicator_id = k.indicator_id and n.effective_on > k.effective_on
  )
),

year_value as (
  select v.unit_code, v.indicator_id, v.state, v.value
  from metric.value as v
  join ref.period as p on p.period_id = v.period_id
  where v.category is null and p.from_on = make_date($year, 1, 1) and p.to_on = make_date($year, 12, 31)
)

select l.year, l.unit_code, l.indicator_id, l.target, v.value as actual,
  cast(half_up(v.value, l.target, 4) as decimal(18, 4)) as attainment,
  coalesce(v.state, 'not_reported') as state, l.document_no
from latest as l
left join year_value as v on v.unit_code = l.unit_code and v.indicator_id = l.indicator_id
