-- 永川区2015年成功调解的每一件，出自哪个文件的哪一行？
-- Where does the number come from? File, sheet and row of each case that Yongchuan's value of 2015 counts.
select 日期, 分子, 文件, 工作表, 行号
from open.指标明细
where 指标代码 = 'mediation_succeeded' and 单位代码 = 'yongchuan' and 日期 between date '2015-01-01' and date '2015-12-31'
order by 日期, 文件, 工作表, 行号
