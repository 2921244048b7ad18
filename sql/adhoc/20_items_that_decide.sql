-- 2015年各组的名次主要由哪些项目拉开？
-- Which items decide the order of a group in 2015? Share of the spread of base points that comes from each item.
with leaf as (
  select s.分组, s.序号, s.项目, s.满分, s.得分, r.基础分
  from open.分项得分 as s
  join open.总分排名 as r on r.年度 = s.年度 and r.单位代码 = s.单位代码
  where s.年度 = 2015 and s.末级
)

select 分组, 项目, max(满分) as 满分, min(得分) as 最低得分, max(得分) as 最高得分,
  round(100 * covar_pop(得分, 基础分) / nullif(var_pop(基础分), 0), 1) as 对差距的贡献百分数
from leaf
group by 分组, 序号, 项目
order by 分组, 对差距的贡献百分数 desc nulls last, 序号
