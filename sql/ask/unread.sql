-- Deliveries that nobody withdrew and whose reader the system kills, in the form of what a publication waits for.
select 'unread' as against, u.delivery_id::varchar as record, u.sender, u.sender as unit_code, u.received_at::date as covers_from,
  u.received_at::date as covers_to, 1 as rows_before, 0 as rows_now, coalesce(n.short_name, u.sender) as unit_name, '收到 / received' as what,
  '第' || u.delivery_id || '号报送 ' || u.name as files, null as files_before
from meta.unread as u
left join ref.unit as n on n.unit_code = u.sender
where u.withdrawn_at is null
order by u.delivery_id;
