-- Rows of a record kind, in parts in force, that may count for an indicator: rejected ones, and those of which a column that it reads
-- is open or not there (`row_open_columns`). The places to fill in a shell are those of accepted.sql, `record_name`, and
-- false for `with_all`.
with sparse as (
  select part_id, list(column_name) as lacking, bool_or(column_name = day_column) as is_dayless from meta.open_column
  where why = 'absent' and list_contains(columns_read, column_name)
  group by part_id
),

loser as (
  select part_id, row_number from meta.loser
  where record = record_name
)

select columns(c.* exclude (row_state, issues, open_columns, unit_code)), coalesce(c.unit_code, p.sender) as unit_code, p.snapshot_on,
  c.row_state = 'rejected' as row_is_rejected,
  case when c.row_state <> 'rejected'
      then list_distinct(list_concat(list_intersect(coalesce(c.open_columns, []), columns_read), coalesce(s.lacking, [])))
  end as row_open_columns,
  c.row_state <> 'rejected' and not coalesce(list_has_any(c.open_columns, columns_read), false) as row_is_sparse,
  coalesce(s.is_dayless, false) as row_is_dayless
from core.record_kind as c
join meta.part_in_force as p on p.part_id = c.part_id
left join sparse as s on s.part_id = c.part_id
anti join loser as l on l.part_id = c.part_id and l.row_number = c.row_number
where c.row_state = 'rejected'
  or (c.row_state = 'accepted'
    and (with_all or s.part_id is not null or coalesce(list_has_any(c.open_columns, columns_read), false)))
