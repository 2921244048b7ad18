-- Stocks on the last day D of a period. Rolls and registers: each snapshot is counted once per unit, and a unit stands at its
-- last one on or before D; the city's distinct count is the sum of its units minus the persons who stand in several, exactly.
-- Rows with their own validity (a contract from … to …, a figure for one day): what is valid on D; a year's figure is valid on
-- its own last day only, so the next year is not reported until it is.
snapshot_part as (
  select p.part_id, p.record, p.snapshot_on
  from meta.part_in_force as p join record_asked as r on r.record = p.record and r.is_snapshot
),

snapshot_day as (
  -- from the parts, not from the rows: an empty roll is a stock of zero
  select distinct u.unit_code, p.record, p.snapshot_on
  from snapshot_part as p join meta.part_unit as u on u.part_id = p.part_id
),

snapshot_last as (
  select s.unit_code, s.record, p.period_id, max(s.snapshot_on) as snapshot_on
  from snapshot_day as s
  join record_end as e on e.record = s.record
  join period_asked as p on s.snapshot_on <= p.last_on and p.first_on <= e.last_on
  group by s.unit_code, s.record, p.period_id
),

snapshot_standing as (
  -- a unit that became part of another stands until the other's first roll on or after that day
  select l.* from snapshot_last as l
  where not exists (
    select 1 from ref.unit_change as c
    join snapshot_last as n on n.unit_code = c.to_unit
    where c.from_unit = l.unit_code and n.record = l.record and n.period_id = l.period_id and n.snapshot_on >= c.on_date
  )
),

snapshot_member as (
  select m.unit_code, s.period_id, s.record, s.unit_code as part_unit, s.snapshot_on
  from snapshot_standing as s
  join unit_member as m on m.part_unit = s.unit_code and (m.before_on is null or s.snapshot_on < m.before_on)
  where not m.is_own_of_city
),

snapshot_sum as (
  select t.indicator_id, m.unit_code, m.period_id, t.category,
    sum(t.numerator) as numerator, sum(t.denominator) as denominator, sum(t.record_count) as record_count,
    sum(t.undecided_count) as undecided_count, sum(t.numerator_low) as numerator_low,
    case when count(*) = count(t.numerator_high) then sum(t.numerator_high) end as numerator_high,
    case when count(*) = count(t.denominator_high) then sum(t.denominator_high) end as denominator_high
  from metric.snapshot_count as t
  join indicator_asked as i on i.indicator_id = t.indicator_id
  join snapshot_member as m on m.part_unit = t.unit_code and m.record = t.record and m.snapshot_on = t.snapshot_on
  group by t.indicator_id, m.unit_code, m.period_id, t.category
),

snapshot_overlap as (
  select indicator_id, unit_code, period_id, category, count(distinct (part_unit, subject)) - count(distinct subject) as people
  from (
    select s.indicator_id, m.unit_code, m.period_id, cast(null as varchar) as category, m.part_unit, s.subject
    from metric.shared_subject as s
    join indicator_asked as i on i.indicator_id = s.indicator_id
    join snapshot_member as m on m.part_unit = s.unit_code and m.record = s.record and m.snapshot_on = s.snapshot_on
    union all
    select s.indicator_id, m.unit_code, m.period_id, s.category, m.part_unit, s.subject
    from metric.shared_subject as s
    join indicator_asked as i on i.indicator_id = s.indicator_id
    join snapshot_member as m on m.part_unit = s.unit_code and m.record = s.record and m.snapshot_on = s.snapshot_on
    where s.category is not null
  ) as shared
  group by indicator_id, unit_code, period_id, category
),

snapshot_measured as (
  select s.indicator_id, s.unit_code, s.period_id, s.category,
    cast(s.numerator - coalesce(o.people, 0) as decimal(38, 6)) as numerator,
    cast(s.denominator as decimal(38, 6)) as denominator, s.record_count, s.undecided_count,
    cast(s.numerator_low - coalesce(o.people, 0) as decimal(38, 6)) as numerator_low,
    cast(s.numerator_high - coalesce(o.people, 0) as decimal(38, 6)) as numerator_high,
    cast(s.denominator_high as decimal(38, 6)) as denominator_high
  from snapshot_sum as s
  left join snapshot_overlap as o
    on o.indicator_id = s.indicator_id and o.unit_code = s.unit_code and o.period_id = s.period_id
    and o.category is not distinct from s.category
),

standing_placed as (
  select m.unit_code, p.period_id, r.* exclude (unit_code)
  from stock_row as r
  anti join snapshot_part as s on s.part_id = r.part_id
  join indicator_asked as i on i.indicator_id = r.indicator_id
  join unit_member as m on m.part_unit = r.unit_code
  join period_asked as p on p.last_on between r.since_on and r.until_on
  where (m.before_on is null or r.since_on < m.before_on) and (i.adds_own or not m.is_own_of_city)
    and p.first_on <= (select max(e.last_on) from record_end as e
      join indicator_record as n on n.record = e.record and n.indicator_id = r.indicator_id)
),

standing_category as (
  select * from standing_placed where category is not null
  union all
  select * replace (cast(null as varchar) as category) from standing_placed
),

standing_measured as (
  select s.indicator_id, s.unit_code, s.period_id, s.category,
    case when any_value(i.by_subject) then cast(nullif(count(distinct subject) filter (where is_accepted)
      + count(*) filter (where is_accepted and subject is null), 0) as decimal(38, 6))
      else sum(numerator) filter (where is_accepted) end as numerator,
    sum(denominator) filter (where is_accepted) as denominator,
    count(*) filter (where is_accepted) as record_count,
    count(*) filter (where not is_accepted) as undecided_count,
    case when any_value(i.by_subject) then cast(count(distinct subject) filter (where is_accepted) as decimal(38, 6))
      else coalesce(sum(numerator) filter (where is_accepted), 0) end as numerator_low,
    case when any_value(i.by_subject)
      then cast(count(distinct subject) + count(*) filter (where subject is null) as decimal(38, 6))
      when count(*) filter (where not is_accepted and numerator is null) = 0 then coalesce(sum(numerator), 0)
      end as numerator_high,
    case when count(*) filter (where not is_accepted and denominator is null and i.is_rate) = 0
      then coalesce(sum(denominator), 0) end as denominator_high
  from standing_category as s join indicator_asked as i on i.indicator_id = s.indicator_id
  group by s.indicator_id, s.unit_code, s.period_id, s.category
),

stock_measured as (
  -- a rate may have a contract's validity above and a register's snapshot below
  select indicator_id, unit_code, period_id, category, sum(numerator) as numerator, sum(denominator) as denominator,
    sum(record_count) as record_count, sum(undecided_count) as undecided_count, sum(undecided_count) as rejected_count,
    sum(numerator_low) as numerator_low,
    case when count(*) = count(numerator_high) then sum(numerator_high) end as numerator_high,
    case when count(*) = count(denominator_high) then sum(denominator_high) end as denominator_high
  from (select * from snapshot_measured union all by name select * from standing_measured) as s
  group by indicator_id, unit_code, period_id, category
),
