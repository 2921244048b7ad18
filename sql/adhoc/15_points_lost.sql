-- 2015年各单位的分失在哪些项目上？
-- Where did each unit lose points in 2015, most first?
select 单位, 项目, 满分, 得分, 失分, 状态, 计算说明
from open.分项得分
where 年度 = 2015 and 末级 and 失分 > 0
order by 单位, 失分 desc, 序号
