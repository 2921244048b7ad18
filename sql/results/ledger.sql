-- Bonus applications of a year ($year), and decisions that changed a figure or points, with the files they stand in.
select 单位代码 as unit_code, '加分' as entry, 加分事项 as matter, 申报加分 as claimed, 计入加分 as counted, 处理 as why,
  依据文号 as document_no, 文件 as file_name, 行号 as row_number
from open.加分明细
where 年度 = $year
union all
select 单位代码, 事项, concat_ws('，', 项目, 指标, 原因), 数额, 调整后 - 调整前, null, 文号, 文件, 行号
from open.扣分与核定
where 年度 = $year
order by unit_code, entry, file_name, row_number
