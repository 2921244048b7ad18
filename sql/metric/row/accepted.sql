-- Rows in force of a record kind of which nothing that an indicator reads is open. In a shell put the kind in the place of
-- `record_kind`, a list of its columns for `columns_read`, and the column that dates it for `day_column`, as a text.
-- `row_is_sparse`: its table lacks one of the columns; `row_is_dayless`: the day itself.
with sparse as (
  select part_id, bool_or(column_name = day_column) as is_dayless from meta.open_column
  where why = 'absent' and list_contains(columns_read, column_name)
  group by part_id
)

select columns(c.*), s.part_id is not null as row_is_sparse, coalesce(s.is_dayless, false) as row_is_dayless
from current.record_kind as c
left join sparse as s on s.part_id = c.part_id
where c.open_columns is null or not list_has_any(c.open_columns, columns_read)
