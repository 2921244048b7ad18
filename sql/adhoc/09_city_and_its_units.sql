-- 全市会员数为什么少于各区县之和？
-- Why is the city's number of members below the sum of its units? A member of two units is one person of the city.
with member_value as (
  select v.unit_code, v.value, u.is_assessed
  from metric.value as v
  join ref.unit as u on u.unit_code = v.unit_code
  where v.indicator_id = 'members' and v.period_id = '2015' and v.category is null
)

select max(value) filter (where unit_code = 'chongqing') as 全市会员, sum(value) filter (where is_assessed) as 各区县之和,
  sum(value) filter (where is_assessed) - max(value) filter (where unit_code = 'chongqing') as 重复人数
from member_value
