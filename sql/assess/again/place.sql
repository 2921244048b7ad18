-- Places derived from the published totals alone, by the words of the scheme and not by the engine: one row per unit and scope ('' is all
-- units, else the group) with the places that it can have. $breaks: what decides among equal totals, in order; $is_total: places are made
-- from the total itself, else from its parts before it was rounded; $ties: shared or dense; $may_differ: what rounding to six places can blur.
with standing as (
  select r.unit_code, r.group_id, r.group_rank, r.overall_rank, r.base_points, r.bonus_points,
    case when $is_total then r.total_points
      when exists (
        from assess.gate as g
        where g.year = r.year and g.unit_code = r.unit_code and g.effect = 'zero_score'
      ) then 0
      else r.base_points + r.bonus_points - r.deduction_points end as total
  from assess.result as r
  where r.year = $year
),

decided as (
  select unit_code, arg_max(place, (part_id, row_number)) as place
  from current.rank_decision
  where year = $year
  group by unit_code
),

past as (
  select unit_code, max(overall_rank) as place
  from current.past_result
  where year = $year - 1
  group by unit_code
),

tie_break as (
  select unnest($breaks) as tie, unnest(range(len($breaks))) as nth
),

broken as (
  select s.unit_code, list(cast(case t.tie
    when 'base_points' then s.base_points
    when 'bonus_points' then s.bonus_points
    when 'past_rank' then coalesce(-p.place, -1000000)
    when 'decision' then coalesce(-d.place, -1000000)
    else coalesce(i.points, 0) end as decimal(18, 6)) order by t.nth) as in_line
  from standing as s
  cross join tie_break as t
  left join past as p on p.unit_code = s.unit_code
  left join decided as d on d.unit_code = s.unit_code
  left join assess.item_score as i
    on i.year = $year and i.unit_code = s.unit_code and t.tie = 'item:' || i.item_id
  group by s.unit_code
),

placed as (
  select s.*, coalesce(b.in_line, []) as in_line
  from standing as s
  left join broken as b on b.unit_code = s.unit_code
),

scoped as (
  select *, group_id as scope, group_rank as place from placed
  union all
  select *, '', overall_rank from placed
),

beside as (
  select a.scope, a.unit_code, a.place, a.total, a.in_line, b.total as other_total, b.in_line as other_line,
    b.total - a.total as gap, b.unit_code as other,
    exists (
      from scoped as c
      where c.scope = b.scope and c.total <> b.total and abs(c.total - b.total) <= $may_differ
    ) as is_blurred
  from scoped as a
  left join scoped as b on b.scope = a.scope and b.unit_code <> a.unit_code
)

select scope, unit_code, place,
  1 + case $ties when 'dense' then
    count(distinct row(other_total, other_line)) filter (where gap > $may_differ or (gap = 0 and other_line > in_line))
    - count(other) filter (where gap > $may_differ and is_blurred)
    else count(other) filter (where gap > $may_differ or (gap = 0 and other_line > in_line)) end as best,
  1 + case $ties when 'dense' then
    count(distinct row(other_total, other_line)) filter (where gap > $may_differ or (gap = 0 and other_line > in_line))
    else count(other) filter (where gap > $may_differ or (gap = 0 and other_line > in_line)) end
  + count(other) filter (where gap <> 0 and abs(gap) <= $may_differ) as worst
from beside
group by scope, unit_code, place
order by scope, place, unit_code
