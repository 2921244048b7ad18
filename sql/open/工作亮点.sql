-- What a unit did over each span of several years in ref.period, by block: the span's own value (persons once over all of it), its
-- place among the assessed units, from which whole year to which it grew, how many years in a row, and how often it was first.
create or replace view open.工作亮点 as
with span as (
  select period_id, label, from_on, to_on from ref.period
  where to_on - from_on > 366
),

known as (
  select v.unit_code, v.period_id, v.indicator_id, v.value, if(i.direction = 'down', -v.value, v.value) as good, p.from_on, p.to_on
  from metric.value as v
  join ref.period as p on p.period_id = v.period_id
  join ref.indicator as i on i.indicator_id = v.indicator_id
  join ref.unit as u on u.unit_code = v.unit_code
  where v.category is null and v.state in ('value', 'zero') and i.area <> 'assessment'
    and u.is_assessed and coalesce(u.valid_from <= p.to_on, true) and coalesce(u.valid_to >= p.to_on, true)
),

yearly as (
  select *, year(from_on) as in_year, rank() over (partition by period_id, indicator_id order by good desc) as place
  from known
  where from_on = make_date(year(from_on), 1, 1) and to_on = make_date(year(from_on), 12, 31)
),

compared as (
  select y.unit_code, y.indicator_id, y.in_year, y.value, y.place,
    coalesce(y.good > lag(y.good) over years and y.in_year = lag(y.in_year) over years + 1, false) as has_risen
  from yearly as y
  window years as (partition by y.unit_code, y.indicator_id order by y.in_year)
),

over_years as (
  select s.period_id, c.unit_code, c.indicator_id, min(c.in_year) as first_year, arg_min(c.value, c.in_year) as first_value,
    max(c.in_year) as last_year, arg_max(c.value, c.in_year) as last_value,
    max(c.in_year) - coalesce(max(c.in_year) filter (where not c.has_risen), min(c.in_year)) as years_risen,
    count(*) filter (where c.place = 1 and c.value <> 0) as years_first
  from compared as c
  join span as s on c.in_year between year(s.from_on) and year(s.to_on) and make_date(c.in_year, 12, 31) <= s.to_on
    and make_date(c.in_year, 1, 1) >= s.from_on
  group by s.period_id, c.unit_code, c.indicator_id
)

select u.name as 单位, s.label as 时期, coalesce(a.label, i.area) as 板块, i.label as 指标, k.value as 数值, i.unit as 计量单位,
  if(i.direction = 'none', null, rank() over (partition by k.period_id, k.indicator_id order by k.good desc)) as 位次,
  count(*) over (partition by k.period_id, k.indicator_id) as 有数单位, y.first_year as 起始年, y.first_value as 起始年数值, y.last_year as 末年,
  y.last_value as 末年数值,
  if(
    not i.is_rate and y.first_value > 0 and y.last_year > y.first_year,
    cast(half_up(y.last_value * 100, y.first_value, 1) as decimal(18, 1)) - 100, null
  ) as 增长百分数,
  if(i.is_rate and y.last_year > y.first_year, cast(half_up((y.last_value - y.first_value) * 100, 1, 1) as decimal(18, 1)), null) as 变动百分点,
  coalesce(y.years_risen, 0) as 连续向好年数, coalesce(y.years_first, 0) as 年度第一次数, i.basis as 统计口径, k.unit_code as 单位代码,
  k.period_id as 时期代码, k.indicator_id as 指标代码
from known as k
join span as s on s.period_id = k.period_id
join ref.indicator as i on i.indicator_id = k.indicator_id
join ref.unit as u on u.unit_code = k.unit_code
left join over_years as y on y.period_id = k.period_id and y.unit_code = k.unit_code and y.indicator_id = k.indicator_id
left join ref.code as a on a.list = 'indicator_area' and a.code = i.area
