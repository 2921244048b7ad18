-- Rows that only one side has, as bags: a row too many is a difference even if its like is there as well. No subject is shown.
with gone as (
  select * from published_row
  except all
  select * from found_row
),

come as (
  select * from found_row
  except all
  select * from published_row
),

difference as (
  select 'published' as side, g.* from gone as g
  union all
  select 'found' as side, c.* from come as c
),

worded as (
  select part_id, row_number, side, concat_ws(' ', unit_code, category, event_date,
    from_on || '..' || coalesce(cast(to_on as varchar), ''), 'numerator ' || numerator, 'denominator ' || denominator) as words
  from difference
)

select part_id, row_number, coalesce(string_agg(words, '; ') filter (where side = 'published'), '') as published,
  coalesce(string_agg(words, '; ') filter (where side = 'found'), '') as found
from worded
group by part_id, row_number
order by part_id, row_number
