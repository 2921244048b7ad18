-- Where each unit stood within the year, item by item, on the days that were kept; expected is the target at its pace.
create or replace view open.进度 as
select p.year as 年度, p.on_day as 截至日期, u.name as 单位, i.label as 项目,
  case p.light when 'green' then '绿' when 'yellow' then '黄' when 'red' then '红' end as 灯号,
  p.actual as 实绩, p.expected as 应达数, p.target as 目标值,
  cast(p.pace * 100 as decimal(18, 2)) as 应达进度百分数,
  case p.pace_basis when 'past' then '历年同期' when 'elapsed' then '按天数' when 'target' then '全年目标' end as 进度依据,
  z.label as 状态,
  p.points as 得分, p.full_points as 满分, p.known_on as 资料截至,
  p.unit_code as 单位代码, p.item_id as 项目代码, p.indicator_id as 指标代码
from assess.progress as p
join ref.unit as u on u.unit_code = p.unit_code
left join ref.item as i on i.year = p.year and i.item_id = p.item_id
left join ref.code as z on z.list = 'value_state' and z.code = p.state
