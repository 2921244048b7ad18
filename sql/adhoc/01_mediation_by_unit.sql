-- 2015年各区县成功调解多少件劳动争议？排名如何？
-- How many disputes did each unit settle in 2015, ranked? Ties share a rank; who did not report is not last but unranked.
select 单位, 数值 as 成功调解件数, 状态,
  case when 数值 is not null then rank() over (order by 数值 desc nulls last) end as 名次
from open.指标值
where 指标代码 = 'mediation_succeeded' and 时期代码 = '2015' and 分类 is null and 单位代码 <> 'chongqing'
order by 名次 nulls last, 单位
