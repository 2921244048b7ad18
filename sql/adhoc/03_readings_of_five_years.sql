-- “5年来”有三种读法，读法不同，数字差多少？
-- "Five years" has several readings: how far do the figures depend on which one is meant?
select i.label as 指标, i.unit as 计量单位,
  max(v.value) filter (where p.from_on = date '2010-11-01' and p.to_on = date '2015-10-31') as 近60个月,
  max(v.value) filter (where p.from_on = date '2011-01-01' and p.to_on = date '2015-10-31') as 至2015年10月,
  max(v.value) filter (where p.from_on = date '2011-01-01' and p.to_on = date '2015-12-31') as 十二五
from metric.value as v
join ref.indicator as i on i.indicator_id = v.indicator_id
join ref.period as p on p.period_id = v.period_id
where v.unit_code = 'yongchuan' and v.category is null and i.shape in ('count', 'sum', 'distinct')
group by i.label, i.unit
order by i.label
