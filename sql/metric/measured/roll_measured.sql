-- Stocks by roll: each roll is counted once per unit; the city's distinct count is the sum of its units minus the persons who
-- stand in several, exactly.
create or replace temporary table roll_measured as
with
roll_member as (
  select m.unit_code, s.period_id, s.record, s.unit_code as part_unit, s.snapshot_on
  from roll_standing as s
  join unit_member as m on m.part_unit = s.unit_code and (m.before_on is null or s.snapshot_on < m.before_on)
  where not m.is_own_of_city
),

roll_sum as (
  select t.indicator_id, m.unit_code, m.period_id, t.category,
    sum(t.numerator) as numerator, sum(t.denominator) as denominator, sum(t.record_count) as record_count,
    sum(t.undecided_count) as undecided_count, sum(t.open_count) as open_count, sum(t.numerator_low) as numerator_low,
    case when count(*) = count(t.numerator_high) then sum(t.numerator_high) end as numerator_high,
    case when count(*) = count(t.denominator_high) then sum(t.denominator_high) end as denominator_high
  from metric.snapshot_count as t
  join indicator_asked as i on i.indicator_id = t.indicator_id
  join roll_member as m on m.part_unit = t.unit_code and m.record = t.record and m.snapshot_on = t.snapshot_on
  group by t.indicator_id, m.unit_code, m.period_id, t.category
),

roll_overlap as (
  select indicator_id, unit_code, period_id, category, count(distinct row(part_unit, subject)) - count(distinct subject) as people
  from (
    select s.indicator_id, m.unit_code, m.period_id, cast(null as varchar) as category, m.part_unit, s.subject
    from metric.shared_subject as s
    join indicator_asked as i on i.indicator_id = s.indicator_id
    join roll_member as m on m.part_unit = s.unit_code and m.record = s.record and m.snapshot_on = s.snapshot_on
    union all
    select s.indicator_id, m.unit_code, m.period_id, s.category, m.part_unit, s.subject
    from metric.shared_subject as s
    join indicator_asked as i on i.indicator_id = s.indicator_id
    join roll_member as m on m.part_unit = s.unit_code and m.record = s.record and m.snapshot_on = s.snapshot_on
    where s.category is not null
  ) as shared
  group by indicator_id, unit_code, period_id, category
)

select s.indicator_id, s.unit_code, s.period_id, s.category,
  cast(s.numerator - coalesce(o.people, 0) as decimal(38, 6)) as numerator,
  cast(s.denominator as decimal(38, 6)) as denominator, s.record_count, s.undecided_count, s.open_count,
  cast(s.numerator_low - coalesce(o.people, 0) as decimal(38, 6)) as numerator_low,
  cast(s.numerator_high - coalesce(o.people, 0) as decimal(38, 6)) as numerator_high,
  cast(s.denominator_high as decimal(38, 6)) as denominator_high
from roll_sum as s
left join roll_overlap as o
  on o.indicator_id = s.indicator_id and o.unit_code = s.unit_code and o.period_id = s.period_id
  and o.category is not distinct from s.category;
