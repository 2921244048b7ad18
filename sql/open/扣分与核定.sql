-- One row per recorded decision that changed a figure or points: before, after, and where it is written.
create or replace view open.扣分与核定 as
select a.year as 年度, u.name as 单位,
  case a.kind when 'verified' then '核定' when 'spot_check' then '抽查核减' when 'ruled_figure' then '申诉裁定（数据）'
    when 'ruled_points' then '申诉裁定（得分）' when 'deduction' then '扣分' end as 事项,
  n.label as 项目, i.label as 指标, a.amount as 数额, a.before as 调整前, a.after as 调整后, a.reason as 原因, a.document_no as 文号,
  d.name as 文件, p.sheet as 工作表, a.row_number as 行号, a.unit_code as 单位代码
from assess.adjustment as a
join ref.unit as u on u.unit_code = a.unit_code
left join ref.item as n on n.year = a.year and n.item_id = a.item_id
left join ref.indicator as i on i.indicator_id = a.indicator_id
left join meta.part as p on p.part_id = a.part_id
left join meta.delivery as d on d.delivery_id = p.delivery_id
