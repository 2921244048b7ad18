-- One grade is given out, the better ones being out already: run once per grade of the scheme, best first. Who takes a place is in
-- taken_again; a unit that is barred from the grade takes one for nobody (keeps_place), once.
-- $nth from 1 of $grades; $quotas: how many of the grade there are, by $scopes, none is as many as reach it; $least points; $edge: extend, drop, decide.
insert into taken_again
with took as (
  select unit_code from taken_again
  where not is_barred
),

used_up as (
  select unit_code from taken_again
  where is_barred
),

effect as (
  select distinct unit_code, gate_id, effect, detail
  from assess.gate
  where year = $year
),

best_allowed as (
  -- the best grade a unit may have
  select unit_code, max(case effect when 'no_award' then len($grades) + 1 when 'lowest' then len($grades)
    when 'at_best' then list_position($grades, detail) else 1 end) as best
  from effect
  group by unit_code
),

decided as (
  select unit_code, arg_max(place, (part_id, row_number)) as place
  from current.rank_decision
  where year = $year
  group by unit_code
),

in_line as (
  select r.unit_code, if($is_of_all, '', r.group_id) as scope, if($is_of_all, r.overall_rank, r.group_rank) as place,
    r.total_points, coalesce(b.best, 1) as best, d.place as decided
  from assess.result as r
  left join best_allowed as b on b.unit_code = r.unit_code
  left join decided as d on d.unit_code = r.unit_code
  where r.year = $year
),

eligible as (
  select i.*, cast(list_extract($quotas, list_position($scopes, i.scope)) as integer) as places
  from in_line as i
  where coalesce(i.total_points >= $least, true)
    and i.unit_code not in (from took)
    and (i.best <= $nth or ($keeps_place and i.unit_code not in (from used_up)))
),

counted as (
  select *, count(*) over upto as up_to_place, count(*) over equal as equals,
    count(*) filter (where best <= $nth) over equal as entitled_equals,
    count(decided) filter (where best <= $nth) over equal as decided_equals,
    count(distinct decided) filter (where best <= $nth) over equal as distinct_decided,
    row_number() over (partition by scope, place order by best > $nth, decided) as nth_of_equals
  from eligible
  window upto as (partition by scope order by place range between unbounded preceding and current row),
    equal as (partition by scope, place)
),

judged as (
  -- places that are left when this rank has its turn; among equals a barred unit gives way
  select *, places - (up_to_place - equals) as left_over from counted
)

select unit_code, $nth, best > $nth
from judged
where left_over is null
  or (left_over > 0 and case
    when best > $nth then entitled_equals < left_over
    when entitled_equals <= left_over or $edge = 'extend' then true
    else $edge = 'decide' and decided_equals = entitled_equals and distinct_decided = entitled_equals
      and nth_of_equals <= left_over end)
