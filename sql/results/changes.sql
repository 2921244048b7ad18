-- Why a unit of a year ($year) stands where it stands beside the year before: the three items whose share of full points moved
-- most, gains and losses apart from those whose target or weight changed. A unit without a year before has no row.
with scored as (
  select s.year, s.unit_code, s.indicator_id, n.label, s.points, s.target, s.actual
  from assess.item_score as s
  join ref.item as n on n.year = s.year and n.item_id = s.item_id
  where s.is_leaf and s.year in ($year, $year - 1)
),

moved as (
  select later.unit_code, later.label, later.points - earlier.points as points_moved, (later.target is distinct from earlier.target) as has_new_target,
    (later.actual is distinct from earlier.actual) as has_new_data
  from scored as later
  join scored as earlier on earlier.unit_code = later.unit_code and earlier.year = later.year - 1
    and earlier.indicator_id = later.indicator_id and earlier.label = later.label
  where later.year = $year and later.points <> earlier.points
),

ranked as (
  select *, row_number() over (partition by unit_code order by abs(points_moved) desc, label) as place
  from moved
)

select unit_code,
  string_agg(
    concat(label, if(points_moved > 0, '＋', '－'), cast(half_up(cast(abs(points_moved) as decimal(18, 6)), 1, 2) as decimal(18, 2)), '分（', case
      when has_new_data and has_new_target then '数据、目标有变' when has_new_data then '数据有变'
      when has_new_target then '目标有变' else '办法有变'
    end, '）'), '；' order by place
  ) as words
from ranked
where place <= 3
group by unit_code
