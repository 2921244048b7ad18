-- Deliveries of known units with open errors or warnings; `state` changes whenever what is said about one does.
-- A fault of our reader (reader_failed) is the office's matter and goes back to nobody.
with found as (
  select delivery_id, count(*) filter (severity = 'error') as errors,
    count(*) filter (severity = 'warning') as warnings,
    sum(hash(sheet, row_number, column_name, issue_code, severity, message)) as state
  from meta.issue
  where severity <> 'info' and state = 'open' and issue_code <> 'reader_failed'
  group by delivery_id
),

counted as (
  select p.delivery_id, sum(hash(p.part_id, p.in_force, p.held, p.replaced_by, p.rows_read)) as state
  from meta.part as p
  group by p.delivery_id
)

select d.delivery_id, d.sender, u.name as unit, d.name, d.sha256, d.received_at, f.errors, f.warnings,
  r.code_fingerprint || hash(f.state, c.state, u.name) as state
from found as f
join meta.delivery as d using (delivery_id)
join ref.unit as u on u.unit_code = d.sender
left join counted as c using (delivery_id)
cross join meta.run as r
order by d.delivery_id;
