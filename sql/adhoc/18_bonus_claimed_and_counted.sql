-- 2015年各单位申报加分多少？核定多少？计入总分多少？
-- How much bonus did each unit claim, how much was granted, and how much counts after the caps in 2015?
with applied as (
  select 单位代码, count(*) as 申报项数, sum(申报加分) as 申报, sum(核定加分) as 核定, sum(计入加分) as 限额前,
    count(*) filter (where 核定加分 is null) as 待核定项数
  from open.加分明细
  where 年度 = 2015
  group by 单位代码
)

select r.单位, a.申报项数, a.申报, a.核定, a.限额前, r.加分 as 计入总分, a.待核定项数
from open.总分排名 as r
join applied as a on a.单位代码 = r.单位代码
where r.年度 = 2015
order by a.申报 - r.加分 desc, r.单位
