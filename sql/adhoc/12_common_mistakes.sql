-- 各区县报表最常见的问题是什么？
-- What goes wrong most often, and in how many files? What was answered or withdrawn is left out.
select 说明, 级别, count(*) as 次数, count(distinct 报送编号) as 文件数, count(distinct 单位代码) as 单位数
from open.问题清单
group by 说明, 级别
order by 次数 desc, 说明
limit 20
