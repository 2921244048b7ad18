-- The points of every unit and item, with the sentence that explains them; blocks are the sums of their items.
create or replace view open.分项得分 as
select s.year as 年度, u.name as 单位, g.group_id as 分组, n.position as 序号, b.label as 上级项目, n.label as 项目, s.is_leaf as 末级,
  n.department as 考核部门, i.label as 指标, i.unit as 计量单位, s.target as 目标值, s.actual as 完成值,
  cast(half_up(cast(s.attainment as decimal(18, 6)) * 100, 1, 2) as decimal(18, 2)) as 完成率百分数,
  s.full_points as 满分, s.points as 得分, s.full_points - s.points as 失分, s.points_low as 得分下限, s.points_high as 得分上限,
  z.label as 状态,
  s.explanation as 计算说明, s.document_no as 目标文号, s.unit_code as 单位代码, s.item_id as 项目代码, s.indicator_id as 指标代码
from assess.item_score as s
join ref.item as n on n.year = s.year and n.item_id = s.item_id
left join ref.item as b on b.year = n.year and b.item_id = n.parent_id
join ref.unit as u on u.unit_code = s.unit_code
left join ref.indicator as i on i.indicator_id = s.indicator_id
left join ref.unit_group as g on g.year = s.year and g.unit_code = s.unit_code
left join ref.code as z on z.list = 'value_state' and z.code = s.state
