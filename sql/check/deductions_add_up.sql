-- one row per result with points taken off that no notice accounts for
with noticed as (
  select year, unit_code, sum(amount) as points
  from assess.adjustment
  where kind = 'deduction'
  group by year, unit_code
)

select r.year, r.unit_code, r.deduction_points, n.points
from assess.result as r
left join noticed as n on n.year = r.year and n.unit_code = r.unit_code
where (r.deduction_points > 0) <> coalesce(n.points > 0, false);
