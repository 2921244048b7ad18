-- The first of them with their findings, or the row that counts instead. Findings of a turned table name its column in their text.
with first as (
  select * from uncounted_row
  qualify row_number() over (order by part_id, row_number) <= $most
)

select f.part_id, f.row_number, f.reason, case
    when f.reason = 'key_elsewhere' then '第' || f.winner_delivery || '号报送第' || f.winner_row_number || '行'
    when f.reason = 'open_column' then (
      select string_agg('“' || l.label || '”', '、' order by l.label) from ref.record_column as l
      where l.record = f.record and list_contains(f.open_columns, l.column_name)
    )
    else (
      select string_agg(distinct i.message, '；' order by i.message) from meta.issue as i
      where i.part_id = f.part_id and i.severity <> 'info'
        and (i.row_number = f.row_number or starts_with(i.message, '第' || f.row_number || '列：'))
    ) end as detail
from first as f
order by f.part_id, f.row_number
