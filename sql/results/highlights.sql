-- What each unit did over the longest span of several years in ref.period that ends with a year ($year); none without such a span.
with span as (
  select period_id from ref.period
  where to_on = make_date($year, 12, 31) and to_on - from_on > 366
  order by from_on
  limit 1
)

select h.单位代码 as unit_code, h.时期 as span_label, h.板块 as area_label, h.指标 as indicator_label, h.数值 as value, h.计量单位 as measure, h.位次 as place,
  h.有数单位 as placed, h.起始年 as first_year, h.起始年数值 as first_value, h.末年 as last_year, h.末年数值 as last_value, h.增长百分数 as growth,
  h.变动百分点 as moved, h.连续向好年数 as years_risen, h.年度第一次数 as years_first
from open.工作亮点 as h
join span as s on s.period_id = h.时期代码
join ref.indicator as i on i.indicator_id = h.指标代码
order by h.单位代码, i.area, h.位次, h.指标
