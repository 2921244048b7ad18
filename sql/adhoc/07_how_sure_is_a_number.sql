-- 哪些数还有待定记录？上下限是多少？
-- Which values of 2015 have rejected or undated rows that may belong to them, and how far could they move?
select 单位, 指标, 状态, 数值, 下限, 上限, 待定记录数, 计量单位
from open.指标值
where 时期代码 = '2015' and 分类 is null and 待定记录数 > 0
order by 待定记录数 desc, 单位, 指标
