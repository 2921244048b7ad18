-- 2008年各省（区、市）会员与城镇单位就业人员之比如何排名？
-- Provinces ranked by union members per urban-unit employee in 2008; members outside urban units lift it above 1.
select rank() over (order by v.value desc) as 名次, u.name as 地区, v.numerator as 会员, v.denominator as 就业人员, v.value as 比值
from metric.value as v
join ref.unit as u on u.unit_code = v.unit_code
where v.indicator_id = 'members_per_urban_employee' and v.period_id = '2008' and v.category is null
  and v.state = 'value' and u.kind = 'province'
order by 名次, 地区
