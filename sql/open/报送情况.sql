-- What arrived, table by table, and whether it counts.
create or replace view open.报送情况 as
select u.name as 报送单位, p.record as 台账代码, p.covers_from as 所属期起, p.covers_to as 所属期止,
  case when p.in_force then '生效' when d.withdrawn_at is not null then '已撤回'
    when p.held is not null then '搁置' else '已被更正' end as 状态,
  p.rows_read as 读入行数, p.rows_accepted as 采用行数, p.rows_rejected as 退回行数, p.rows_duplicate as 重复行数,
  p.rows_ignored as 不计行数, d.name as 文件, p.sheet as 工作表, d.received_at as 收到时间,
  d.sender as 单位代码, d.delivery_id as 报送编号
from meta.part as p
join meta.delivery as d on d.delivery_id = p.delivery_id
left join ref.unit as u on u.unit_code = d.sender
