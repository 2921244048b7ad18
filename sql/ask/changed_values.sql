-- How many values of each indicator differ from those of another publication, attached as `before`.
with
earlier as (
  from before.metric.value
  where category is null
),

later as (
  from metric.value
  where category is null
)

select indicator_id, count(*) as changed
from earlier
full join later using (unit_code, period_id, indicator_id)
where (earlier.state, earlier.value) is distinct from (later.state, later.value)
group by indicator_id
order by changed desc, indicator_id;
