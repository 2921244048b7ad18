-- What a publication waits for, per unit, kind and covered period: rows that fell by more than `ref.fall_limit` allows since the
-- edition that is in place, attached as `before`, or since the same period a year before. `counted` has the accepted rows of every part and unit of
-- both. What is held against last year is a report that is complete (received after its period) and was not published like
-- that already. Where a slot changed by withdrawals alone, a person has seen what follows and said why. And cells, more than were
-- published, that name what other lists do not have, where the contract says that it blocks.
with
part as (
  select true as is_now, p.part_id, p.delivery_id, d.sender, p.record, p.covers_from, p.covers_to, d.received_at, d.name
  from meta.part as p
  join meta.delivery as d on d.delivery_id = p.delivery_id
  where p.in_force
  union all
  select false, p.part_id, p.delivery_id, d.sender, p.record, p.covers_from, p.covers_to, d.received_at, d.name
  from before.meta.part as p
  join before.meta.delivery as d on d.delivery_id = p.delivery_id
  where p.in_force
),

decided as (
  select d.delivery_id
  from meta.delivery as d
  join before.meta.delivery as b on b.delivery_id = d.delivery_id
  where d.withdrawn_at is distinct from b.withdrawn_at
),

slot as (
  select sender, record, covers_from, covers_to, bool_or(is_now) as counts_now,
    coalesce(max(received_at) filter (is_now) >= covers_to + 1, false) as is_complete,
    coalesce(max(received_at) filter (not is_now) >= covers_to + 1, false) as was_complete,
    bool_or(delivery_id in (select delivery_id from decided))
    and bool_and(not is_now or delivery_id in (select delivery_id from before.meta.delivery)) as is_decided,
    string_agg(distinct '第' || delivery_id || '号报送 ' || name, '、') filter (is_now) as files,
    string_agg(distinct '第' || delivery_id || '号报送 ' || name, '、') filter (not is_now) as files_before
  from part
  group by sender, record, covers_from, covers_to
),

unit_rows as (
  select p.sender, p.record, p.covers_from, p.covers_to, c.unit_code,
    coalesce(sum(c.accepted) filter (p.is_now), 0)::bigint as rows_now,
    coalesce(sum(c.accepted) filter (not p.is_now), 0)::bigint as rows_before
  from part as p
  join counted as c on c.is_now = p.is_now and c.part_id = p.part_id
  group by all
),

held as (
  select 'publication' as against, sender, record, covers_from, covers_to, unit_code, rows_before, rows_now
  from unit_rows
  union all
  select 'year', s.sender, s.record, s.covers_from, s.covers_to, y.unit_code, y.rows_now, coalesce(n.rows_now, 0)
  from unit_rows as y
  join slot as s
    on s.sender = y.sender and s.record = y.record and s.covers_from = y.covers_from + interval 1 year
    and s.covers_to + 1 = y.covers_to + 1 + interval 1 year -- the end of February is one
  left join unit_rows as n
    on n.sender = s.sender and n.record = s.record and n.covers_from = s.covers_from and n.covers_to = s.covers_to
    and n.unit_code = y.unit_code
  where s.counts_now and s.is_complete
    and not (s.was_complete and coalesce(n.rows_now, 0) >= coalesce(n.rows_before, 0))
),

limited as (
  select h.*, m.fall_share, m.least_rows
  from held as h
  join ref.fall_limit as m on m.against = h.against and coalesce(m.record, h.record) = h.record
  qualify row_number() over (
    partition by h.against, h.sender, h.record, h.covers_from, h.covers_to, h.unit_code order by m.record nulls last
  ) = 1
),

fallen as (
  select f.against, f.sender, f.record, f.covers_from, f.covers_to, f.unit_code, f.rows_before, f.rows_now
  from limited as f
  join slot as s
    on s.sender = f.sender and s.record = f.record and s.covers_from = f.covers_from and s.covers_to = f.covers_to
  where f.rows_before >= f.least_rows and f.rows_before - f.rows_now > f.fall_share * f.rows_before and not s.is_decided
  qualify row_number() over (
    partition by f.sender, f.record, f.covers_from, f.covers_to, f.unit_code order by f.against
  ) = 1
),

issue as (
  select true as is_now, part_id, column_name
  from meta.issue
  where issue_code = 'reference_broken' and state = 'open'
  union all
  select false, part_id, column_name
  from before.meta.issue
  where issue_code = 'reference_broken' and state = 'open'
),

broken as (
  select 'reference' as against, p.sender, p.record, p.covers_from, p.covers_to, p.sender as unit_code,
    count(*) filter (not p.is_now) as rows_before, count(*) filter (p.is_now) as rows_now
  from part as p
  join issue as i on i.is_now = p.is_now and i.part_id = p.part_id
  join ref.reference as f on f.record = p.record and f.column_name = i.column_name
  where f.blocks
  group by all
  having count(*) filter (p.is_now) > count(*) filter (not p.is_now)
),

stopped as (
  select * from fallen
  union all
  select * from broken
)

select f.against, f.record, f.sender, f.unit_code, f.covers_from, f.covers_to, f.rows_before, f.rows_now,
  coalesce(u.short_name, f.unit_code) as unit, coalesce(r.label, f.record) as record_label, s.files, s.files_before
from stopped as f
join slot as s
  on s.sender = f.sender and s.record = f.record and s.covers_from = f.covers_from and s.covers_to = f.covers_to
left join ref.unit as u on u.unit_code = f.unit_code
left join ref.record as r on r.record = f.record
order by f.unit_code, f.record, f.covers_from, f.covers_to, f.sender, f.against;
