-- One row per matter to be settled before a year can be closed (错误), or to be known (提示).
create or replace view open.考核待办 as
select f.year as 年度, case f.severity when 'error' then '错误' when 'warning' then '警告' else '提示' end as 级别,
  u.name as 单位, n.label as 项目, f.message as 说明, f.code as 问题代码, d.name as 文件, p.sheet as 工作表, f.row_number as 行号,
  f.unit_code as 单位代码
from assess.finding as f
left join ref.unit as u on u.unit_code = f.unit_code
left join ref.item as n on n.year = f.year and n.item_id = f.item_id
left join meta.part as p on p.part_id = f.part_id
left join meta.delivery as d on d.delivery_id = p.delivery_id
