-- 结账以后，哪些单位的总分、名次或等次变了？是哪些项目引起的？
-- What has changed since a year was closed (its last edition), and which items made the difference?
with last_edition as (
  select 年度, max(版次) as 版次
  from open.结账对照
  group by 年度
),

changed_item as (
  select i.年度, i.单位代码, string_agg(i.项目 || '（' || i.得分差 || '）', '、' order by i.项目代码) as 变动项目
  from open.结账分项对照 as i
  join last_edition as l on l.年度 = i.年度 and l.版次 = i.版次
  where i.末级 and i.得分差 <> 0
  group by i.年度, i.单位代码
)

select r.年度, r.版次, r.结账日期, r.单位, r.结账总分, r.现总分, r.总分差, r.结账名次, r.现名次, r.结账等次, r.现等次,
  coalesce(c.变动项目, '本单位未变，名次随其他单位而动') as 变动项目
from open.结账对照 as r
join last_edition as l on l.年度 = r.年度 and l.版次 = r.版次
left join changed_item as c on c.年度 = r.年度 and c.单位代码 = r.单位代码
where r.对照结果 = '有变'
order by r.年度, abs(r.总分差) desc, r.分组, r.现名次, r.单位
