-- one row per result whose place does not follow from the totals of its group, or of all
with placed as (
  select year, unit_code, group_id as among, total_points, group_rank as place from assess.result
  union all
  select year, unit_code, '*', total_points, overall_rank from assess.result
),

judged as (
  select p.year, p.unit_code, p.among, p.place,
    count(o.unit_code) filter (where o.place < p.place) as ahead,
    count(distinct o.place) filter (where o.place < p.place) as places_ahead,
    count(o.unit_code) filter (where (o.place < p.place and o.total_points < p.total_points)
      or (o.place > p.place and o.total_points > p.total_points)) as wrong_side
  from placed as p
  join placed as o on o.year = p.year and o.among = p.among
  group by p.year, p.unit_code, p.among, p.place
)

select year, unit_code, among, place, ahead
from judged
where wrong_side > 0 or place not in (ahead + 1, places_ahead + 1);
