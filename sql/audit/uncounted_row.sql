-- Rows of a record kind (`record_row`) in some tables that the indicator's SELECT does not give, with why.
create or replace temporary table uncounted_row as
with open_of_row as (select distinct on (part_id, row_number) * from open_row)

select c.part_id, c.row_number, case
    when not m.in_force then 'not_in_force' when c.row_state = 'rejected' then 'rejected'
    when c.row_state = 'duplicate' then 'duplicate' when l.part_id is not null then 'key_elsewhere'
    when o.part_id is not null then 'open_column' else 'not_meant' end as reason,
  l.winner_part_id // 1000 as winner_delivery, l.winner_row_number, o.open_columns, m.record
from record_row as c
join meta.part as m on m.part_id = c.part_id
join meta.delivery as d on d.delivery_id = m.delivery_id
left join meta.loser as l on l.record = $record and l.part_id = c.part_id and l.row_number = c.row_number
left join open_of_row as o on o.part_id = c.part_id and o.row_number = c.row_number
where list_contains($parts, c.part_id) and list_contains($members, coalesce(c.unit_code, d.sender))
  and not exists (
    from found_row as f
    where f.part_id = c.part_id and f.row_number = c.row_number
  )
