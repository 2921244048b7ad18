-- 永川区会员和农民工会员逐月是多少？
-- Members and migrant members of Yongchuan month by month: a stock, the last roll on or before the end of each month.
select p.label as 时期, max(v.value) filter (where v.indicator_id = 'members') as 会员,
  max(v.value) filter (where v.indicator_id = 'migrant_members') as 其中农民工
from metric.value as v
join ref.period as p on p.period_id = v.period_id
where v.unit_code = 'yongchuan' and v.category is null and v.indicator_id in ('members', 'migrant_members')
  and p.to_on - p.from_on < 31
group by p.label, p.from_on
order by p.from_on
