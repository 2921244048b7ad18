-- 永川区2011年1月至2015年10月的主要成绩是多少？
-- What did Yongchuan achieve from January 2011 to October 2015? Any span of days works.
select i.label as 指标, v.category as 分类, v.value as 数值, i.unit as 计量单位, v.state as 状态, i.basis as 统计口径
from metric.in_span('2011-01-01', '2015-10-31') as v
join ref.indicator as i on i.indicator_id = v.indicator_id
where v.unit_code = 'yongchuan' and v.state in ('value', 'zero')
order by i.area, i.label, v.category nulls first
