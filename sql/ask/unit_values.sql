-- Indicators of one unit ($unit) and calendar year ($year) with target and attainment.
with
aimed as (
  select indicator_id, max(target) as highest, max(attainment) as attainment
  from assess.item_score
  where unit_code = $unit and year = $year and is_leaf
  group by indicator_id
)

select i.label as 指标, v.value as 实绩, i.unit as 单位, v.state as 状态, a.highest as 目标, a.attainment as 完成率
from metric.value as v
join ref.indicator as i using (indicator_id)
left join aimed as a using (indicator_id)
where v.unit_code = $unit and v.period_id = cast($year as varchar) and v.category is null
order by i.area, i.indicator_id;
