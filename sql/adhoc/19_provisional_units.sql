-- 2015年哪些单位的等次还没有确定？为什么？
-- Whose grade of 2015 is provisional, and which items or open matters keep it so?
with movable as (
  select 单位代码, string_agg(项目 || '（' || 得分下限::decimal(18, 2) || '～' || 得分上限::decimal(18, 2) || '）', '、' order by 序号) as 可变项目
  from open.分项得分
  where 年度 = 2015 and 末级 and 得分下限 < 得分上限
  group by 单位代码
),

unsettled as (
  select 单位代码, string_agg(说明, '；' order by 说明) as 待办
  from open.考核待办
  where 年度 = 2015 and 级别 = '错误'
  group by 单位代码
)

select r.单位, r.等次, r.最好等次, r.最差等次, r.得分下限, r.得分上限,
  coalesce(m.可变项目, case when r.得分下限 < r.得分上限 then '加分待核定' else '本单位已定，其他单位仍可变动' end) as 可变项目, f.待办
from open.总分排名 as r
left join movable as m on m.单位代码 = r.单位代码
left join unsettled as f on f.单位代码 = r.单位代码
where r.年度 = 2015 and r.结果状态 = '暂定'
order by r.分组, r.组内名次, r.单位
