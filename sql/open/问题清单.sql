-- Open findings of the files: where to look and what to do; never the text of a cell. What was answered stays in meta.issue.
create or replace view open.问题清单 as
select u.name as 报送单位, d.name as 文件, i.sheet as 工作表, i.row_number as 行号, i.column_name as 列名,
  case i.severity when 'error' then '错误' when 'warning' then '警告' else '提示' end as 级别,
  i.message as 说明, i.issue_code as 问题代码, d.received_at as 收到时间,
  d.sender as 单位代码, i.delivery_id as 报送编号
from meta.issue as i
left join meta.delivery as d on d.delivery_id = i.delivery_id
left join ref.unit as u on u.unit_code = d.sender
where i.state = 'open'
