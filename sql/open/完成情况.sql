-- What each unit reached of its targets; a rate above 100 % stays as it is.
create or replace view open.完成情况 as
select s.year as 年度, u.name as 单位, g.group_id as 分组, n.label as 项目, i.label as 指标, i.unit as 计量单位, s.target as 目标值,
  s.actual as 完成值, cast(half_up(cast(s.attainment as decimal(18, 6)) * 100, 1, 2) as decimal(18, 2)) as 完成率百分数,
  z.label as 状态,
  s.document_no as 目标文号, i.basis as 统计口径, s.unit_code as 单位代码, s.indicator_id as 指标代码, s.item_id as 项目代码
from assess.item_score as s
join ref.item as n on n.year = s.year and n.item_id = s.item_id
join ref.unit as u on u.unit_code = s.unit_code
join ref.indicator as i on i.indicator_id = s.indicator_id
left join ref.unit_group as g on g.year = s.year and g.unit_code = s.unit_code
left join ref.code as z on z.list = 'value_state' and z.code = s.state
where s.is_leaf and s.target is not null
