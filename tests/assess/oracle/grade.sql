-- One grade is given out, the better ones being out already: run once per grade of the list, best first.
-- Units that take a place are in oracle_placed; one that is barred from the grade takes it for nobody (keeps_place), once.
-- $nth from 1; $count or $share (half up) of the units, or neither; $least points; $edge: extend, drop or decide; $scope: group, all.
insert into oracle_placed
with barred as (
  -- the best grade a unit may have: 弄虚作假 none, 违反财经纪律 the last, 被通报批评 the second at best
  select unit_code, max(case condition when 'fraud' then 99 when 'finance' then 3 else 2 end) as best
  from current.veto_event
  where year = 2015 and status is distinct from 'lifted' and condition in ('fraud', 'finance', 'criticism')
  group by unit_code
),

in_line as (
  select t.unit_code, case $scope when 'all' then '' else t.group_id end as among,
    case $scope when 'all' then t.overall_rank else t.group_rank end as place,
    t.total / pow(10, $total_places) as points, coalesce(b.best, 1) as best, k.place as decided
  from oracle_total as t
  left join barred as b on b.unit_code = t.unit_code
  left join current.rank_decision as k on k.unit_code = t.unit_code and k.year = 2015
),

quota as (
  select among,
    case when $count is not null then $count
      when $share is not null then (2 * count(*) * cast($share * 100 as integer) + 100) // 200 end as places
  from in_line
  group by among
),

eligible as (
  select i.*, q.places
  from in_line as i
  join quota as q on q.among = i.among
  where coalesce(i.points >= $least, true) and i.unit_code not in (select unit_code from oracle_placed where not is_barred)
    and (i.best <= $nth
      or ($barred = 'keeps_place' and i.unit_code not in (select unit_code from oracle_placed where is_barred)))
),

counted as (
  select *, count(*) over upto as up_to_place, count(*) over whole as in_all,
    count(*) over equal as equals, count(decided) over equal as decided_equals, count(distinct decided) over equal as distinct_decided,
    row_number() over (partition by among, place order by decided) as nth_of_equals
  from eligible
  window upto as (partition by among order by place range between unbounded preceding and current row),
    whole as (partition by among),
    equal as (partition by among, place)
)

select unit_code, $nth, best > $nth
from counted
where places is null or up_to_place <= places
  or (up_to_place - equals < places and (
    $edge = 'extend'
    or ($edge = 'decide' and decided_equals = equals and distinct_decided = equals
      and up_to_place - equals + nth_of_equals <= places)
  ));
