-- Every report that a unit owed for a year ($year), with the latest day a file of it came; NULL where none is there.
select u.unit_code, c.record, r.label as record_label, c.period_id, p.label as period_label, c.due_on,
  max(cast(d.received_at as date)) filter (where t.held is null) as came_on,
  coalesce(bool_or(t.held is not null and d.delivery_id is not null), false) as is_held
from ref.calendar as c
join ref.period as p on p.period_id = c.period_id
join ref.record as r on r.record = c.record
join assess.result as u on u.year = $year
left join meta.part_unit as m on m.unit_code = u.unit_code
left join meta.part as t on t.part_id = m.part_id and t.record = c.record and t.covers_from <= p.to_on and t.covers_to >= p.from_on
left join meta.delivery as d on d.delivery_id = t.delivery_id and d.withdrawn_at is null
where year(p.to_on) = $year
group by all
order by u.unit_code, r.label, c.due_on
