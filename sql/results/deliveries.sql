-- What arrived for a year ($year), by unit, kind and state, in rows; and open findings about it.
with part as (
  select b.单位代码 as unit_code, r.label as record_label, b.状态 as state, b.报送编号 as delivery_id, b.读入行数 as rows_read,
    b.采用行数 as rows_accepted, b.退回行数 as rows_rejected
  from open.报送情况 as b
  join ref.record as r on r.record = b.台账代码
  where year(b.所属期止) = $year and b.单位代码 is not null
)

select unit_code, record_label, count(distinct delivery_id) as deliveries, list(distinct delivery_id order by delivery_id) as delivery_ids,
  count(distinct delivery_id) filter (where state = '生效') as in_force,
  count(distinct delivery_id) filter (where state = '搁置') as held,
  sum(rows_read) filter (where state = '生效') as rows_read,
  sum(rows_accepted) filter (where state = '生效') as rows_accepted,
  sum(rows_rejected) filter (where state = '生效') as rows_rejected
from part
group by unit_code, record_label
order by unit_code, record_label
