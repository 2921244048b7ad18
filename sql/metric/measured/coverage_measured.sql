-- Coverage: how many of the subjects that should be reached (denominator) were reached (numerator) in the period.
-- `at: end`: the population is what the last roll on or before the last day lists; otherwise the events of the period.
create or replace temporary table coverage_measured as
with
coverage_population as (
  select r.indicator_id, r.unit_code, l.period_id, r.category, r.subject, r.is_accepted, r.is_open, r.part_id, r.row_number, r.numerator
  from coverage_unit as r
  join roll_standing as l on l.unit_code = r.part_unit and l.record = r.record and l.snapshot_on = r.snapshot_on
  union all
  select r.indicator_id, r.unit_code, p.period_id, r.category, r.subject,
    r.is_accepted and r.since_on >= p.first_on and r.until_on <= p.last_on, r.is_open, r.part_id, r.row_number, r.numerator
  from coverage_unit as r
  join period_asked as p on r.since_on <= p.last_on and r.until_on >= p.first_on
  where r.denominator > 0 and r.record is null
),

coverage_hit as (
  -- a subject reached for certain beats the same subject reached perhaps
  select r.indicator_id, r.unit_code, p.period_id, r.subject,
    bool_or(r.is_accepted and r.since_on >= p.first_on and r.until_on <= p.last_on) as is_accepted,
    count(*) filter (where r.is_accepted and r.since_on >= p.first_on and r.until_on <= p.last_on) as record_count,
    count(*) filter (where not (r.is_accepted and r.since_on >= p.first_on and r.until_on <= p.last_on)) as undecided_count,
    count(*) filter (where r.is_open) as open_count
  from coverage_unit as r
  join period_asked as p on r.since_on <= p.last_on and r.until_on >= p.first_on
  where r.numerator > 0 and coalesce(r.denominator, 0) = 0
  group by r.indicator_id, r.unit_code, p.period_id, r.subject
),

coverage_category as (
  select * from coverage_population
  where category is not null
  union all
  select * replace (cast(null as varchar) as category) from coverage_population
),

coverage_subject as (
  select c.indicator_id, c.unit_code, c.period_id, c.category, c.subject,
    case when c.subject is null then c.part_id end as part_id, case when c.subject is null then c.row_number end as row_number,
    bool_or(c.is_accepted) as is_accepted, count(*) filter (where c.is_accepted) as record_count,
    count(*) filter (where not c.is_accepted) as undecided_count, count(*) filter (where c.is_open) as open_count,
    coalesce(bool_or(c.is_accepted and c.numerator > 0), false) or coalesce(bool_or(h.is_accepted), false) as is_reached,
    coalesce(bool_or(c.numerator > 0), false) or count(h.subject) > 0 as may_be_reached
  from coverage_category as c
  left join coverage_hit as h
    on h.indicator_id = c.indicator_id and h.unit_code = c.unit_code and h.period_id = c.period_id and h.subject = c.subject
  group by c.indicator_id, c.unit_code, c.period_id, c.category, c.subject,
    case when c.subject is null then c.part_id end, case when c.subject is null then c.row_number end
),

coverage_count as (
  select indicator_id, unit_code, period_id, category,
    count(*) filter (where is_accepted and is_reached) as reached,
    count(*) filter (where is_accepted) as people,
    count(*) filter (where may_be_reached) as reached_high,
    count(*) as people_high,
    sum(record_count) as record_count, sum(undecided_count) as undecided_count, sum(open_count) as open_count
  from coverage_subject
  group by indicator_id, unit_code, period_id, category
),

coverage_hit_count as (
  -- who was reached is not known where the row has no usable subject: each may be one more
  select indicator_id, unit_code, period_id, sum(undecided_count) as undecided_count, sum(open_count) as open_count,
    sum(record_count + undecided_count) filter (where subject is null) as unknown_people
  from coverage_hit
  group by indicator_id, unit_code, period_id
)

select c.indicator_id, c.unit_code, c.period_id, c.category,
  cast(c.reached as decimal(38, 6)) as numerator, cast(c.people as decimal(38, 6)) as denominator,
  c.record_count, c.undecided_count + case when c.category is null then coalesce(h.undecided_count, 0) else 0 end
    as undecided_count,
  c.undecided_count as rejected_count,
  c.open_count + if(c.category is null, coalesce(h.open_count, 0), 0) as open_count,
  cast(c.reached as decimal(38, 6)) as numerator_low,
  cast(least(c.reached_high + coalesce(h.unknown_people, 0), c.people_high) as decimal(38, 6)) as numerator_high,
  cast(c.people_high as decimal(38, 6)) as denominator_high
from coverage_count as c
left join coverage_hit_count as h
  on h.indicator_id = c.indicator_id and h.unit_code = c.unit_code and h.period_id = c.period_id;
