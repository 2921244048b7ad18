-- Tables of a period that do not count as a whole, with the reason in Chinese: withdrawn, replaced, held back.
select p.part_id, case
    when d.withdrawn_at is not null then '整份报送已于' || strftime(d.withdrawn_at, '%Y-%m-%d') || '撤回：' || d.withdrawn_reason
    when p.replaced_by is not null then '已被第' || n.delivery_id || '号报送更正'
    else '整表搁置：' || coalesce(c.message, p.held, '') end as reason
from meta.part as p
join meta.delivery as d on d.delivery_id = p.delivery_id
left join meta.part as n on n.part_id = p.replaced_by
left join ref.issue as c on c.code = p.held
where not p.in_force and list_contains($records, p.record)
  and coalesce(p.covers_from <= $last and p.covers_to >= $first, true)
  and (list_contains($members, d.sender) or exists (
    from meta.part_unit as u
    where u.part_id = p.part_id and list_contains($members, u.unit_code)
  ))
