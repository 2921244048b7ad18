-- one row per unit, period, indicator and category that has two values
select unit_code, period_id, indicator_id, category, count(*) as copies
from metric.value
group by all
having count(*) > 1;
