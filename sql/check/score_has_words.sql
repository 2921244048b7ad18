-- one row per score that says nothing about how it came about
select year, unit_code, item_id
from assess.item_score
where trim(explanation) = '';
