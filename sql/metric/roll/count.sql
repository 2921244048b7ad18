-- Counts each roll of `roll_missing` for one indicator: subjects once, or amounts summed, per unit and snapshot day.
-- Reads roll_row_new, the indicator's rows of those rolls.
insert into metric.snapshot_count by name
with
missing_part as (select record, unit_code, snapshot_on, unnest(parts) as part_id from roll_missing),

dated as not materialized (
  select m.record, m.snapshot_on, r.unit_code, r.category, r.subject, r.numerator, r.denominator, r.is_accepted, r.is_open
  from roll_row_new as r
  join missing_part as m on m.part_id = r.part_id and m.unit_code = r.unit_code
),

counted as (
  select record, unit_code, snapshot_on, cast(null as varchar) as category,
    count(distinct subject) filter (where is_accepted) as subjects,
    count(*) filter (where is_accepted and subject is null) as without_subject,
    count(distinct subject) filter (where not is_accepted) as other_subjects,
    count(*) filter (where not is_accepted and subject is null) as other_without_subject,
    sum(numerator) filter (where is_accepted) as numerator, sum(numerator) as numerator_all,
    sum(denominator) filter (where is_accepted) as denominator, sum(denominator) as denominator_all,
    count(*) filter (where not is_accepted and numerator is null) as numerator_open,
    count(*) filter (where not is_accepted and denominator is null) as denominator_open,
    count(*) filter (where is_accepted) as record_count, count(*) filter (where not is_accepted) as undecided_count,
    count(*) filter (where is_open) as open_count
  from dated
  group by record, unit_code, snapshot_on
  union all
  select record, unit_code, snapshot_on, category,
    count(distinct subject) filter (where is_accepted),
    count(*) filter (where is_accepted and subject is null),
    count(distinct subject) filter (where not is_accepted),
    count(*) filter (where not is_accepted and subject is null),
    sum(numerator) filter (where is_accepted), sum(numerator),
    sum(denominator) filter (where is_accepted), sum(denominator),
    count(*) filter (where not is_accepted and numerator is null),
    count(*) filter (where not is_accepted and denominator is null),
    count(*) filter (where is_accepted), count(*) filter (where not is_accepted), count(*) filter (where is_open)
  from dated
  where category is not null
  group by record, unit_code, snapshot_on, category
),

-- a rejected row of someone who is counted already adds nothing
counted_twice as (
  select o.record, o.unit_code, o.snapshot_on, o.category, count(distinct o.subject) as subjects
  from (
    select record, unit_code, snapshot_on, cast(null as varchar) as category, subject from dated
    where not is_accepted
    union
    select record, unit_code, snapshot_on, category, subject from dated
    where not is_accepted and category is not null
  ) as o
  join dated as d on d.is_accepted and d.subject = o.subject and d.record = o.record and d.unit_code = o.unit_code
    and d.snapshot_on = o.snapshot_on and (o.category is null or d.category = o.category)
  group by o.record, o.unit_code, o.snapshot_on, o.category
),

bounded as (
  select c.*, c.other_subjects - coalesce(t.subjects, 0) + c.other_without_subject as more_subjects
  from counted as c
  left join counted_twice as t on t.record = c.record and t.unit_code = c.unit_code and t.snapshot_on = c.snapshot_on
    and t.category is not distinct from c.category
),

stated as (
  select b.record, b.unit_code, b.snapshot_on, b.category,
    case when a.by_subject then nullif(b.subjects + b.without_subject, 0) else b.numerator end as numerator,
    case when a.by_subject then greatest(b.subjects, least(b.record_count, 1)) else coalesce(b.numerator, 0) end
      as numerator_low,
    case when a.by_subject then b.subjects + b.without_subject + b.more_subjects
      when b.numerator_open = 0 then coalesce(b.numerator_all, 0) end as numerator_high,
    b.denominator,
    case when b.denominator_open = 0 then coalesce(b.denominator_all, 0) end as denominator_high,
    b.record_count, b.undecided_count, b.open_count
  from bounded as b cross join roll_asked as a
  union all
  select b.record, b.unit_code, b.snapshot_on, 'no_id', b.without_subject as numerator, 0,
    b.without_subject + b.other_without_subject, null, null, b.without_subject as record_count, b.other_without_subject,
    least(b.open_count, b.other_without_subject)
  from bounded as b cross join roll_asked as a
  where a.by_subject and b.category is null and b.without_subject + b.other_without_subject > 0
)

select a.indicator_id, m.record, m.unit_code, m.snapshot_on, m.parts, s.category, s.numerator,
  coalesce(s.numerator_low, 0) as numerator_low, if(s.record is null, 0, s.numerator_high) as numerator_high,
  s.denominator, if(s.record is null, 0, s.denominator_high) as denominator_high,
  coalesce(s.record_count, 0) as record_count, coalesce(s.undecided_count, 0) as undecided_count,
  coalesce(s.open_count, 0) as open_count
from roll_missing as m
cross join roll_asked as a
left join stated as s on s.record = m.record and s.unit_code = m.unit_code and s.snapshot_on = m.snapshot_on;
