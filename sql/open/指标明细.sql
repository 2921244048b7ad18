-- The rows behind the values, with the address of each: file, sheet, row.
create or replace view open.指标明细 as
select i.label as 指标, u.name as 单位, c.category as 分类, c.event_date as 日期, c.from_on as 起, c.to_on as 止,
  c.numerator as 分子, c.denominator as 分母, d.name as 文件, p.sheet as 工作表, c.row_number as 行号,
  d.delivery_id as 报送编号, c.unit_code as 单位代码, c.indicator_id as 指标代码
from metric.contribution as c
join ref.indicator as i on i.indicator_id = c.indicator_id
join meta.part as p on p.part_id = c.part_id
join meta.delivery as d on d.delivery_id = p.delivery_id
left join ref.unit as u on u.unit_code = c.unit_code
