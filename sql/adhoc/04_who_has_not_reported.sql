-- 2015年哪些单位的哪些指标未报？
-- Which units have not reported which indicators for 2015? Not reported is not zero.
select u.name as 单位, count(*) as 未报指标数, string_agg(i.label, '、' order by i.label) as 未报指标
from metric.value as v
join ref.unit as u on u.unit_code = v.unit_code
join ref.indicator as i on i.indicator_id = v.indicator_id
where v.period_id = '2015' and v.category is null and v.state = 'not_reported' and u.is_assessed
group by u.name
order by 未报指标数 desc, 单位
