-- Tables of deliveries of known units with which nothing is open: what a receipt says, by unit and delivery.
select d.sender, u.name as unit, d.delivery_id, d.name, d.sha256, d.received_at, r.label, p.sheet, p.covers_from, p.covers_to,
  p.rows_accepted,
  case when d.withdrawn_at is not null then '已撤回'
    when n.delivery_id is not null then '已被第' || n.delivery_id || '号报送替换'
    when p.in_force then '计入' else '未计入' end as state
from meta.delivery as d
join ref.unit as u on u.unit_code = d.sender
join meta.part as p on p.delivery_id = d.delivery_id
join ref.record as r on r.record = p.record
left join meta.part as n on n.part_id = p.replaced_by
where d.delivery_id not in (
  select i.delivery_id
  from meta.issue as i
  where i.severity <> 'info' and i.state = 'open'
)
order by d.sender, d.delivery_id, p.part_id;
