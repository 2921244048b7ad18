-- The conditions of the scheme that hold for a unit in a year ($year), in words.
select unit_code, string_agg(distinct label, '；' order by label) as labels
from assess.gate
where year = $year
group by unit_code
