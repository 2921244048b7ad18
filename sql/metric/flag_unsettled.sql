-- Numbers with rows that are undecided for a column that is open: which, under which header, and between which bounds they lie.
-- Reads undecided_row, the undecided rows of the indicators that have any.
insert into metric.flag by name
with
open_row as (
  select indicator_id, unit_code, part_id, unnest(open_columns) as column_name,
    coalesce(event_date, from_on) as since_on, coalesce(event_date, to_on, date '9999-12-31') as until_on
  from undecided_row
  where open_columns is not null
),

open_part as (
  select r.indicator_id, m.unit_code, r.part_id, r.column_name, k.is_snapshot, count(*) as row_count,
    min(r.since_on) as since_on, max(r.until_on) as until_on
  from open_row as r
  join unit_member as m on m.part_unit = r.unit_code
  join meta.part as p on p.part_id = r.part_id
  join ref.record as k on k.record = p.record
  group by r.indicator_id, m.unit_code, r.part_id, r.column_name, k.is_snapshot
),

held as (
  select part_id, column_name, any_value(why) as why, string_agg(distinct '“' || header || '”', '、') as headers
  from meta.open_column
  group by part_id, column_name
),

named as (
  select o.indicator_id, o.unit_code, o.is_snapshot, o.since_on, o.until_on,
    case
      when h.why = 'absent' then '报表没有“' || l.label || '”一列'
      when h.why = 'held' then '表头' || coalesce(h.headers, '') || '看不懂，可能是“' || l.label || '”'
      else '“' || l.label || '”有' || o.row_count || '行填的不认识'
    end as question
  from open_part as o
  join meta.part as p on p.part_id = o.part_id
  join ref.record_column as l on l.record = p.record and l.column_name = o.column_name
  left join held as h on h.part_id = o.part_id and h.column_name = o.column_name
)

select v.unit_code, v.period_id, v.indicator_id, 'open_column' as flag,
  any_value(i.label) || '待确认：' || array_to_string(list_sort(list(distinct n.question))[:5], '；')
    || coalesce('。最少' || rtrim(rtrim(cast(any_value(v.lower) as varchar), '0'), '.'), '。下限不明')
    || coalesce('，最多' || rtrim(rtrim(cast(any_value(v.upper) as varchar), '0'), '.'), '，最多不明') as message
from metric.value as v
join indicator_asked as i on i.indicator_id = v.indicator_id
join ref.period as d on d.period_id = v.period_id
join named as n on n.indicator_id = v.indicator_id and n.unit_code = v.unit_code and n.since_on <= d.to_on
  and (n.is_snapshot or n.until_on >= d.from_on)
where v.category is null and v.undecided_count > 0
group by v.unit_code, v.period_id, v.indicator_id;
