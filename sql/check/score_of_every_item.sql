-- one row per unit and item of a scored year that has not exactly one score
select r.year, r.unit_code, i.item_id, count(s.item_id) as scores
from (select distinct year, unit_code from assess.result) as r
join ref.item as i on i.year = r.year
left join assess.item_score as s on s.year = r.year and s.unit_code = r.unit_code and s.item_id = i.item_id
group by all
having count(s.item_id) <> 1
union all
select s.year, s.unit_code, s.item_id, 0
from assess.item_score as s
left join ref.item as i on i.year = s.year and i.item_id = s.item_id
where i.item_id is null;
