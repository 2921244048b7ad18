-- Values that need a word of explanation before they are quoted.
create or replace view open.指标提示 as
select u.name as 单位, p.label as 时期, i.label as 指标, v.value as 数值, f.message as 说明,
  f.unit_code as 单位代码, f.period_id as 时期代码, f.indicator_id as 指标代码
from metric.flag as f
join metric.value as v on v.unit_code = f.unit_code and v.period_id = f.period_id
  and v.indicator_id = f.indicator_id and v.category is null
join ref.unit as u on u.unit_code = f.unit_code
join ref.period as p on p.period_id = f.period_id
join ref.indicator as i on i.indicator_id = f.indicator_id
