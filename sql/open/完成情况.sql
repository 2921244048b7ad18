-- What each unit reached of its targets; a rate above 100 % stays as it is.
create or replace view open.完成情况 as
select a.year as 年度, u.name as 单位, g.group_id as 分组, i.label as 指标, i.unit as 计量单位, a.target as 目标值,
  a.actual as 完成值, cast(a.attainment * 100 as decimal(18, 2)) as 完成率百分数,
  case a.state when 'value' then '有数' when 'zero' then '为零' when 'not_applicable' then '不适用'
    when 'not_reported' then '未报' when 'rejected' then '未通过审核' end as 状态,
  a.document_no as 目标文号, i.basis as 统计口径, a.unit_code as 单位代码, a.indicator_id as 指标代码
from assess.attainment as a
join ref.unit as u on u.unit_code = a.unit_code
join ref.indicator as i on i.indicator_id = a.indicator_id
left join ref.unit_group as g on g.year = a.year and g.unit_code = a.unit_code
