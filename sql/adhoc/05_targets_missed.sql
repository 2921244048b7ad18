-- 2015年哪些目标没有完成？还差多少？
-- Which targets of 2015 were missed, and by how much?
select 单位, 项目, 指标, 目标值, 完成值, 目标值 - coalesce(完成值, 0) as 差额, 计量单位, 完成率百分数, 状态, 目标文号
from open.完成情况
where 年度 = 2015 and (完成率百分数 < 100 or 完成率百分数 is null)
order by 单位, 完成率百分数 nulls first, 项目
