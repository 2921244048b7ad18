-- one row per unit of a scored year that has not exactly one result
select g.year, g.unit_code, count(r.unit_code) as results
from ref.unit_group as g
join ref.scheme as s on s.year = g.year
left join assess.result as r on r.year = g.year and r.unit_code = g.unit_code
group by all
having count(r.unit_code) <> 1
union all
select r.year, r.unit_code, 0
from assess.result as r
left join ref.unit_group as g on g.year = r.year and g.unit_code = r.unit_code
where g.unit_code is null;
