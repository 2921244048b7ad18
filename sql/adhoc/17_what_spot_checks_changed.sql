-- 2015年抽查核减改变了哪些数据？涉及的项目现在得多少分？
-- Which figures did spot checks reduce in 2015, by how much, and what do the items that read them give now?
select c.单位, c.指标, c.调整前, c.数额 as 核减, c.调整后, c.原因, c.文号, s.项目, s.满分, s.得分
from open.扣分与核定 as c
left join open.分项得分 as s on s.年度 = c.年度 and s.单位代码 = c.单位代码 and s.指标 = c.指标 and s.末级
where c.年度 = 2015 and c.事项 = '抽查核减'
order by c.单位, c.指标, c.文号
