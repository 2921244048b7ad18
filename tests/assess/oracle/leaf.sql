-- The oracle: points of every unit and leaf of tests/store/oracle/items.yml, from the tables, by nothing but SQL.
-- A number is a fraction n / d of whole numbers. Written from the words of the scheme, without a look at the engine.
create or replace temporary macro fraction(n, d) as
  {'n': cast(cast(n as decimal(30, 6)) * 1000000 as hugeint), 'd': cast(cast(d as decimal(30, 6)) * 1000000 as hugeint)};

create or replace temporary macro lowest(f) as
  {'n': f.n // greatest(gcd(f.n, f.d), 1), 'd': f.d // greatest(gcd(f.n, f.d), 1)};

create or replace temporary macro added(fractions) as
  list_reduce(fractions, lambda a, b: lowest({'n': a.n * b.d + b.n * a.d, 'd': a.d * b.d}), {'n': 0::hugeint, 'd': 1::hugeint});

-- half up, as a whole number of 10^-places
create or replace temporary macro half_up_whole(f, places) as
  sign(f.n) * ((2 * abs(f.n) * cast(pow(10, places) as hugeint) + f.d) // (2 * f.d));

create or replace temporary table oracle_figure as
with settled as (
  select v.unit_code, v.indicator_id, v.state, v.value, v.numerator, v.denominator,
    f.verified, f.verified_on, s.reduction, s.checked_on, a.ruled_figure
  from metric.value as v
  left join current.verified_figure as f on f.unit_code = v.unit_code and f.indicator = v.indicator_id and f.year = 2015
  left join current.spot_check as s on s.unit_code = v.unit_code and s.indicator = v.indicator_id and s.year = 2015
  left join current.appeal as a
    on a.unit_code = v.unit_code and a.indicator = v.indicator_id and a.year = 2015 and a.ruling in ('upheld', 'partly')
  where v.period_id = '2015' and v.category is null
),

corrected as (
  select *,
    case when ruled_figure is not null then ruled_figure
      when verified is not null and reduction is not null and verified_on >= checked_on then verified
      when verified is not null then greatest(verified - coalesce(reduction, 0), 0)
      when value is not null then greatest(value - coalesce(reduction, 0), 0) end as amount
  from settled
)

select unit_code, indicator_id, state as was,
  case when amount is null then state when amount = 0 then 'zero' else 'value' end as state,
  case when denominator is not null and numerator is not null then fraction(numerator, denominator)
    when amount is not null then fraction(amount, 1) end as amount,
  cast(amount as decimal(18, 6)) as x
from corrected;

create or replace temporary table oracle_leaf as
with unit as (select unit_code, group_id from ref.unit_group where year = 2015),

target as (
  select unit_code, indicator_id, arg_max(target, effective_on) as t from ref.target where year = 2015 group by all
),

figure as (
  select u.unit_code, u.group_id, f.indicator_id, coalesce(f.state, 'not_reported') as state, f.amount, f.x, t.t
  from unit as u
  left join oracle_figure as f on f.unit_code = u.unit_code
  left join target as t on t.unit_code = u.unit_code and t.indicator_id = f.indicator_id
),

linear as (
  select unit_code, 'linear' as item_id,
    case when x is not null and t is null then 'no_target' else state end as state,
    case when x is not null and t is not null then fraction(least(8 * x, 8 * t), t) end as f
  from figure
  where indicator_id = 'mediation_succeeded'
),

based as (
  select unit_code, 'based', case when x is not null and t is null then 'no_target' else state end,
    case when x is null or t is null then null
      when x < 0.5 * t then fraction(0, 1)
      -- 0.6 + 0.4 * (x/t - 0.5) / 0.5 = (0.1 t + 0.4 x) / 0.5 t
      else fraction(least(8 * (0.1 * t + 0.4 * x), 10 * 0.5 * t), 0.5 * t) end
  from figure
  where indicator_id = 'legal_aid_cases'
),

bands as (
  select unit_code, 'bands', state,
    case when amount.n * 100 >= amount.d * 80 then fraction(6, 1) when amount.n * 100 >= amount.d * 75 then fraction(4, 1)
      when amount.n * 10 >= amount.d * 6 then fraction(2, 1) when amount is not null then fraction(0, 1) end
  from figure
  where indicator_id = 'mediation_success_rate'
),

in_share as (
  select unit_code, 'share', state,
    case when x >= 10 then fraction(least(6 * 3 + 0.5 * (x - 10), 8 * 3), 3)
      when x < 10 then fraction(greatest(6 * 3 - (10 - x), 0), 3) end
  from figure
  where indicator_id = 'training_classes'
),

in_drop as (
  select unit_code, 'drop', state,
    case when x >= 20 then fraction(least(3 + cast(x - 20 as integer) // 4, 5), 1)
      when x < 20 then fraction(greatest(3 - 0.5 * (cast(20 - x as integer) // 4), 0), 1) end
  from figure
  where indicator_id = 'film_shows'
),

in_whole as (
  select unit_code, 'whole', state,
    case when x >= 30 then fraction(5, 1) when x < 30 then fraction(greatest(5 - (cast(30 - x as integer) + 6) // 7, 0), 1) end
  from figure
  where indicator_id = 'leaflets_copies'
),

counted as (
  select unit_code, sum(value * case category when 'national' then 3 when 'municipal' then 1 else 0.5 end) as points
  from metric.value
  where indicator_id = 'model_workers' and period_id = '2015' and category is not null
  group by unit_code
),

tally as (
  select f.unit_code, 'tally', f.state, case when f.x is not null then fraction(least(coalesce(c.points, 0), 7), 1) end
  from figure as f
  left join counted as c on c.unit_code = f.unit_code
  where f.indicator_id = 'model_workers'
),

in_line as (
  select unit_code, state, x,
    case when x is not null then rank() over (partition by group_id, x is not null order by x desc) end as place
  from figure
  where indicator_id = 'consultation_events'
),

place as (
  select unit_code, 'place', state,
    case place when 1 then fraction(6, 1) when 2 then fraction(5, 1) when 3 then fraction(4, 1)
      else if(place is not null, fraction(1, 1), null) end
  from in_line
),

best as (
  select unit_code, 'best', state,
    case when x is not null and max(x) over () = 0 then fraction(0, 1) when x is not null then fraction(6 * x, max(x) over ()) end
  from figure
  where indicator_id = 'legal_aid_recovered_yuan'
),

of_mean as (
  select unit_code, state, x, count(x) over (partition by group_id) as units, sum(x) over (partition by group_id) as total
  from figure
  where indicator_id = 'wage_recovered_yuan'
),

mean as (
  -- x / (total / units) - 0.5, over a span of 1; all zero: as if at the mean
  select unit_code, 'mean', state,
    case when x is null then null when total = 0 then fraction(3, 1)
      else fraction(greatest(least(6 * (x * units - 0.5 * total), 6 * total), 0), total) end
  from of_mean
),

with_past as (
  select f.unit_code, f.state, f.x, f.t, p.value as before
  from figure as f
  left join metric.value as p
    on p.unit_code = f.unit_code and p.indicator_id = f.indicator_id and p.period_id = '2014' and p.category is null
  where f.indicator_id = 'mediation_closed'
),

first_branch as (
  select unit_code, 'first',
    case when x >= t then 'value'
      when before <> 0 and x > before then case when t is null then 'no_target' else 'value' end else 'value' end,
    case when x >= t then fraction(6, 1)
      when before <> 0 and x > before then case when t is not null then fraction(6 * x, t) end
      else fraction(1, 1) end
  from with_past
),

two_parts as (
  select b.unit_code, b.state, b.x,
    case when b.x >= 40 then 3 when b.x >= 20 then 1.5 when b.x is not null then 0 end as books,
    case when l.x is not null then least(0.5 * floor(l.x), 3) end as libraries
  from figure as b
  join figure as l on l.unit_code = b.unit_code and l.indicator_id = 'libraries_built'
  where b.indicator_id = 'books_given'
),

sum_of_two as (
  select unit_code, 'sum', case when x is null and libraries is not null then 'value' else state end,
    case when books is not null or libraries is not null
      then fraction(coalesce(books, 0) + cast(coalesce(libraries, 0) as decimal(6, 2)), 1) end
  from two_parts
),

score_line as (
  select unit_code, points, row_number() over (partition by unit_code order by points) as up,
    count(*) over (partition by unit_code) as scores
  from current.rater_score
  where year = 2015 and rater_group = 'department' and item in ('raters', '部门评分')
),

scored as (select unit_code, sum(points) as points, count(*) as raters from score_line where up > 1 and up < scores group by unit_code),

raters as (
  select u.unit_code, 'raters', case when s.raters is null then 'unscored' else 'value' end,
    case when s.raters is not null then fraction(6 * s.points, 100 * s.raters) end
  from unit as u
  left join scored as s on s.unit_code = u.unit_code
),

span as (
  select unit_code, state, x, min(x) over (partition by group_id) as low, max(x) over (partition by group_id) as high
  from figure
  where indicator_id = 'late_excuses_refused'
),

in_span as (
  select unit_code, 'position', state,
    case when x is null then null when high = low then fraction(6, 1) else fraction(6 * (high - x), high - low) end
  from span
),

delivered as (
  select p.record, d.sender as unit_code, min(cast(d.received_at as date)) as came_on
  from meta.part as p
  join meta.delivery as d on d.delivery_id = p.delivery_id
  where d.withdrawn_at is null
  group by all
),

days_late as (
  select u.unit_code,
    sum(greatest(0, coalesce(d.came_on, date '2016-03-01') - c.due_on)) as days
  from unit as u
  cross join (select * from ref.calendar where period_id = '2015') as c
  left join delivered as d on d.unit_code = u.unit_code and d.record = c.record
  group by u.unit_code
),

late as (
  select unit_code, 'late', 'value', fraction(greatest(5 - 0.5 * days, -2), 1)
  from days_late
),

weighed as (
  -- whole numbers: sum of figure times weight, and sum of weights, over the units of the group that have the figure
  select f.unit_code, f.state, f.x,
    cast(sum(f.x * coalesce(w.x, 0)) filter (where f.x is not null) over by_group as hugeint) as total,
    cast(sum(coalesce(w.x, 0)) filter (where f.x is not null) over by_group as hugeint) as weight
  from figure as f
  left join figure as w on w.unit_code = f.unit_code and w.indicator_id = 'legal_aid_cases'
  where f.indicator_id = 'reemployed_people'
  window by_group as (partition by f.group_id)
),

beside as (
  -- each whole 2 below the mean costs 0.5
  select unit_code, 'beside', state,
    case when x is null then null when weight = 0 or x * weight >= total then fraction(4, 1)
      else fraction(greatest(4 - 0.5 * ((total - cast(x as hugeint) * weight) // (2 * weight)), 0), 1) end
  from weighed
),

beyond as (
  select unit_code, 'beyond', case when x is not null and t is null then 'no_target' else state end,
    case when x is null or t is null then null
      when x >= t then fraction(least(2 + 0.5 * cast(x - t as integer), 4), 1)
      else fraction(2 * x, t) end
  from figure
  where indicator_id = 'tripartite_meetings'
),

before_and_now as (
  select f.unit_code, f.state, f.x, p.state as state_before, p.value as before
  from figure as f
  left join metric.value as p
    on p.unit_code = f.unit_code and p.indicator_id = f.indicator_id and p.period_id = '2014' and p.category is null
  where f.indicator_id = 'micro_enterprises'
),

grown as (
  select unit_code, 'grown',
    case when x is null then state when before is null then coalesce(state_before, 'not_reported')
      when before = 0 then 'not_applicable' else 'value' end,
    case when x is null or before is null or before = 0 then null
      when x * 10 >= before * 11 then fraction(3, 1) when x >= before then fraction(2, 1)
      when x * 10 >= before * 9 then fraction(1, 1) else fraction(0, 1) end
  from before_and_now
),

leaders as (
  select unit_code, sum(points) as points, count(*) as raters
  from current.rater_score
  where year = 2015 and rater_group = 'leader' and item = 'mixed'
  group by unit_code
),

peer_line as (
  select unit_code, points, row_number() over (partition by unit_code order by points) as up,
    count(*) over (partition by unit_code) as scores
  from current.rater_score
  where year = 2015 and rater_group = 'peer' and item = 'mixed'
),

peers as (select unit_code, sum(points) as points, count(*) as raters from peer_line where up > 1 and up < scores group by unit_code),

mixed as (
  select u.unit_code, 'mixed', case when l.raters is null or p.raters is null then 'unscored' else 'value' end,
    case when l.raters is not null and p.raters is not null
      then added([fraction(5 * 0.6 * l.points, 100 * l.raters), fraction(5 * 0.4 * p.points, 100 * p.raters)]) end
  from unit as u
  left join leaders as l on l.unit_code = u.unit_code
  left join peers as p on p.unit_code = u.unit_code
),

half as (
  select u.unit_code, max(case period_id when '2015H1' then state end) as first_state,
    sum(case when value >= 5 then 2 when value >= 3 then 1 when value is not null then 0 end) as points
  from unit as u
  left join metric.value as v on v.unit_code = u.unit_code and v.indicator_id = 'trainee_times' and v.period_id in ('2015H1', '2015H2')
  group by u.unit_code
),

halves as (
  select unit_code, 'halves', coalesce(first_state, 'not_reported'), case when points is not null then fraction(points, 1) end from half
),

aided as (
  select unit_code, state, x, max(x) over (partition by group_id) as best from figure where indicator_id = 'students_aided'
),

from_last as (
  select unit_code, case when x is not null then rank() over (partition by group_id, x is not null order by x) end as place
  from figure
  where indicator_id = 'reemployed_people'
),

two_ways as (
  select a.unit_code, a.state, case when a.x is not null then if(a.best = 0, fraction(0, 1), fraction(4 * a.x, a.best)) end as one,
    case when l.place is not null then fraction(4 * least(l.place - 1, 5), 5) end as other
  from aided as a
  join from_last as l on l.unit_code = a.unit_code
),

weaker as (
  select unit_code, 'weaker', state,
    case when one is null then other when other is null or one.n * other.d <= other.n * one.d then one else other end
  from two_ways
),

said as (
  select unit_code, min(opinion) as opinion from current.rater_score where year = 2015 and rater_group = 'committee' group by unit_code
),

opinion as (
  select u.unit_code, 'opinion', case when s.opinion is null then 'unscored' else 'value' end,
    case s.opinion when 'very_satisfied' then fraction(3, 1) when 'satisfied' then fraction(2, 1)
      when 'fairly_satisfied' then fraction(1, 1) when 'dissatisfied' then fraction(0, 1) end
  from unit as u
  left join said as s on s.unit_code = u.unit_code
),

taken_over as (
  select u.unit_code, 'taken_over', case when p.total_points is null then 'not_reported' else 'value' end,
    case when p.total_points is not null then fraction(least(2 * p.total_points, 200), 100) end
  from unit as u
  left join current.past_result as p on p.unit_code = u.unit_code and p.year = 2014
)

select * from linear
union all from based
union all from bands
union all from in_share
union all from in_drop
union all from in_whole
union all from tally
union all from place
union all from best
union all from mean
union all from first_branch
union all from sum_of_two
union all from raters
union all from in_span
union all from late
union all from beside
union all from beyond
union all from grown
union all from mixed
union all from halves
union all from weaker
union all from opinion
union all from taken_over;
