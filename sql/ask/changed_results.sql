-- How many results of each year differ from those of another publication, attached as `before`.
select year, count(*) as changed
from before.assess.result as b
full join assess.result as n using (year, unit_code)
where (b.total_points, b.group_rank, b.grade) is distinct from (n.total_points, n.group_rank, n.grade)
group by year
order by year;
