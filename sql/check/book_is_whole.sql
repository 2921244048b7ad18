-- one row per edition and table of which book.* does not hold as many rows as the edition says;
-- assess.robustness was closed too until it was no longer kept
with held as (
  select year, edition, 'adjustment' as table_name from book.adjustment
  union all
  select year, edition, 'bonus' from book.bonus
  union all
  select year, edition, 'bonus_class' from book.bonus_class
  union all
  select year, edition, 'figure' from book.figure
  union all
  select year, edition, 'finding' from book.finding
  union all
  select year, edition, 'gate' from book.gate
  union all
  select year, edition, 'item' from book.item
  union all
  select year, edition, 'item_score' from book.item_score
  union all
  select year, edition, 'restatement' from book.restatement
  where edition is not null
  union all
  select year, edition, 'result' from book.result
  union all
  select year, edition, 'scheme' from book.scheme
  union all
  select year, edition, 'target' from book.target
  union all
  select year, edition, 'unit_group' from book.unit_group
  union all
  select year, edition, 'value' from book.value
),

counted as (
  select year, edition, table_name, count(*) as row_count
  from held
  group by all
)

select year, edition, table_name, f.row_count as said, coalesce(c.row_count, 0) as held
from book.file as f
full join counted as c using (year, edition, table_name)
where f.row_count is distinct from coalesce(c.row_count, 0) and table_name <> 'robustness';
