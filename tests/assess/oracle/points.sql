-- Points of every leaf after policies, cap and rounding. $item_places: -1 rounds nothing; $left_out, $refused: what the scheme
-- says of items that are not applicable, and of rejected reports.
create or replace temporary macro item_rounded(f, places) as
  case when f is null or places < 0 then f else {'n': half_up_whole(f, places), 'd': cast(pow(10, places) as hugeint)} end;

create or replace temporary table oracle_points as
with item(item_id, points) as (
  values ('linear', 8), ('based', 8), ('bands', 6), ('share', 6), ('drop', 5), ('whole', 5), ('tally', 7), ('place', 6),
    ('best', 6), ('mean', 6), ('first', 6), ('sum', 6), ('raters', 6), ('position', 6), ('late', 5), ('beside', 4), ('beyond', 3), ('grown', 3), ('mixed', 5), ('halves', 4),
    ('weaker', 4), ('opinion', 3), ('taken_over', 2)
),

policy(item_id, state, policy) as (
  values ('linear', 'no_target', 'two'), ('based', 'not_reported', 'full'), ('based', 'no_target', 'full'),
    ('first', 'no_target', 'zero'), ('drop', 'not_reported', 'mean of all'), ('place', 'rejected', 'mean of group'),
    ('sum', 'not_reported', 'mean of group'), ('raters', 'unscored', 'open'), ('mixed', 'unscored', 'open'), ('opinion', 'unscored', 'open'),
    ('beyond', 'no_target', 'zero'), ('taken_over', 'not_reported', 'a fifth')
),

ruling as (
  select unit_code, item as item_id, ruled_points from current.appeal
  where year = 2015 and ruling in ('upheld', 'partly') and ruled_points is not null
),

-- what other units' means are made of: points that come from a number, as they count
counting as (
  select l.unit_code, l.item_id, g.group_id,
    case when r.ruled_points is not null then fraction(greatest(least(r.ruled_points, i.points), 0), 1)
      else item_rounded(l.f, $item_places) end as f
  from oracle_leaf as l
  join item as i on i.item_id = l.item_id
  join ref.unit_group as g on g.unit_code = l.unit_code and g.year = 2015
  left join ruling as r on r.unit_code = l.unit_code and r.item_id = l.item_id
  where l.f is not null
),

mean_of_all as (select item_id, added(list(f)) as total, count(*) as units from counting group by item_id),

mean_of_group as (select item_id, group_id, added(list(f)) as total, count(*) as units from counting group by item_id, group_id),

judged as (
  select l.unit_code, l.item_id, l.state, l.f, i.points as full_points,
    case when l.f is null then coalesce(p.policy, case l.state when 'not_applicable' then $left_out
      when 'rejected' then $refused when 'not_reported' then 'zero' when 'no_target' then 'open' end) end as policy,
    a.total as all_total, a.units as all_units, m.total as group_total, m.units as group_units
  from oracle_leaf as l
  join item as i on i.item_id = l.item_id
  join ref.unit_group as g on g.unit_code = l.unit_code and g.year = 2015
  left join policy as p on p.item_id = l.item_id and p.state = l.state
  left join mean_of_all as a on a.item_id = l.item_id
  left join mean_of_group as m on m.item_id = l.item_id and m.group_id = g.group_id
),

given as (
  select unit_code, item_id, state, policy, full_points,
    case policy when 'zero' then fraction(0, 1) when 'full' then fraction(full_points, 1) when 'two' then fraction(2, 1) when 'a fifth' then fraction(0.2, 1)
      when 'rescale' then fraction(0, 1)
      when 'mean of all' then {'n': all_total.n, 'd': all_total.d * all_units}
      when 'mean of group' then {'n': group_total.n, 'd': group_total.d * group_units}
      else f end as f
  from judged
),

ruled as (
  select g.unit_code, g.item_id, g.policy, g.full_points, r.ruled_points,
    case when r.ruled_points is not null then fraction(greatest(least(r.ruled_points, g.full_points), 0), 1)
      else item_rounded(g.f, $item_places) end as f,
    g.state
  from given as g
  left join ruling as r on r.unit_code = g.unit_code and r.item_id = g.item_id
)

select unit_code, item_id, f,
  case when policy in ('rescale', 'none') and ruled_points is null then 0 else full_points end as full_points,
  full_points as plain_points, policy = 'none' and ruled_points is null as is_no_part,
  case when ruled_points is null then state when f.n = 0 then 'zero' else 'value' end as state
from ruled;
