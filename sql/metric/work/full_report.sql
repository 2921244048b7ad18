-- Units, and cities all of whose units, have handed in everything an indicator needs for a period: no rows mean zero.
create or replace temporary table full_report as
with
unit_reported as (
  -- events: the whole period is covered; a roll: there is one of a day on or before the last day
  select up.unit_code, up.period_id, s.record
  from unit_period as up
  join report_span as s on s.unit_code = up.unit_code and not s.is_roll
  where s.first_on <= up.need_from and s.last_on >= up.need_to
  union all
  select up.unit_code, up.period_id, s.record
  from unit_period as up
  join report_span as s on s.unit_code = up.unit_code and s.is_roll
  join record_end as e on e.record = s.record
  where s.last_on <= up.last_on and up.first_on <= e.last_on
),

needed as (
  select indicator_id, count(*) as records from indicator_record
  where is_needed
  group by indicator_id
),

silent as (
  -- units that handed in everything the indicator needs: no rows mean zero
  select ir.indicator_id, ur.unit_code, ur.period_id
  from unit_reported as ur join indicator_record as ir on ir.record = ur.record and ir.is_needed
  join needed as n on n.indicator_id = ir.indicator_id
  group by ir.indicator_id, ur.unit_code, ur.period_id, n.records
  having count(*) = n.records
)

select indicator_id, unit_code, period_id from silent
union
select i.indicator_id, c.parent_code, c.period_id
from indicator_asked as i
join unit_period as c on c.exists_then
join unit_period as p on p.unit_code = c.parent_code and p.period_id = c.period_id and p.is_city
left join silent as s on s.indicator_id = i.indicator_id and s.unit_code = c.unit_code and s.period_id = c.period_id
group by i.indicator_id, c.parent_code, c.period_id
having count(*) = count(s.unit_code);
