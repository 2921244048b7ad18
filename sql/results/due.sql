-- Every report that a unit owed for a year ($year), with the day it came; NULL where none did.
select d.unit_code, d.record, r.label as record_label, d.period_id, p.label as period_label, d.due_on, d.came_on, d.is_held, d.reached_on
from metric.report_due as d
join ref.period as p on p.period_id = d.period_id
join ref.record as r on r.record = d.record
join assess.result as u on u.year = $year and u.unit_code = d.unit_code
where year(p.to_on) = $year
order by d.unit_code, r.label, d.due_on
