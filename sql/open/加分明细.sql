-- One row per bonus application of a year: claimed, granted, counted before caps, and why.
create or replace view open.加分明细 as
select b.year as 年度, u.name as 单位, k.label as 加分项, b.matter as 加分事项, coalesce(l.label, b.level) as 加分级别,
  b.work_year as 工作年度, b.claimed as 申报加分, b.granted as 核定加分, b.counted as 计入加分,
  case b.why when 'granted' then '按核定计入' when 'undecided' then '待核定' when 'no_document' then '缺依据文号'
    when 'lower_level' then '同一事项已按更高级别计' when 'counted_before' then '往年已计'
    when 'out_of_years' then '工作年度不在范围内' when 'above_level' then '按该级别上限计'
    when 'class_unknown' then '办法中没有这一类别' when 'level_unknown' then '该类别没有这一级别' else b.why end as 处理,
  b.document_no as 依据文号, d.name as 文件, p.sheet as 工作表, b.row_number as 行号, b.unit_code as 单位代码
from assess.bonus as b
join ref.unit as u on u.unit_code = b.unit_code
left join ref.bonus_class as k on k.year = b.year and k.class_id = b.class_id
left join ref.code as l on l.list = 'honour_level' and l.code = b.level
left join meta.part as p on p.part_id = b.part_id
left join meta.delivery as d on d.delivery_id = p.delivery_id
