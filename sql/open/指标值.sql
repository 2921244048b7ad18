-- Every value with its names: unit, period, indicator, state in words, definition.
create or replace view open.指标值 as
select u.name as 单位, p.label as 时期, i.label as 指标, v.category as 分类,
  z.label as 状态,
  v.value as 数值, i.unit as 计量单位, v.numerator as 分子, v.denominator as 分母,
  v.record_count as 记录数, v.undecided_count as 待定记录数, v.lower as 下限, v.upper as 上限,
  i.basis as 统计口径, p.from_on as 起, p.to_on as 止,
  v.unit_code as 单位代码, v.period_id as 时期代码, v.indicator_id as 指标代码
from metric.value as v
join ref.unit as u on u.unit_code = v.unit_code
join ref.period as p on p.period_id = v.period_id
join ref.indicator as i on i.indicator_id = v.indicator_id
left join ref.code as z on z.list = 'value_state' and z.code = v.state
