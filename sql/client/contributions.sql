-- The rows behind an indicator ($indicator), of one unit or of all ($unit NULL), that lie within a span of days or touch it
-- ($from_on, $to_on; NULL: open), each with its file, sheet and row.
select c.indicator_id, c.unit_code, c.category, c.event_date, c.from_on, c.to_on, c.subject, c.numerator, c.denominator,
  d.delivery_id, d.name as file_name, p.sheet, c.row_number
from metric.contribution as c
join meta.part as p on p.part_id = c.part_id
join meta.delivery as d on d.delivery_id = p.delivery_id
where c.indicator_id = $indicator and ($unit is null or c.unit_code = $unit)
  and ($to_on is null or coalesce(c.event_date, c.from_on) <= $to_on)
  and ($from_on is null or coalesce(c.event_date, c.to_on, $from_on) >= $from_on)
order by c.unit_code, coalesce(c.event_date, c.from_on), d.delivery_id, p.sheet, c.row_number
