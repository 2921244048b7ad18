-- Units, and cities all of whose units, have handed in everything an indicator needs for a period: no rows mean zero.
create or replace temporary table full_report as
with
record_asked as (select distinct record, is_snapshot, is_form, office_speaks_for_all from indicator_record),

part_report as (
  select u.unit_code, p.record, p.covers_from, p.covers_to
  from meta.part_in_force as p join meta.part_unit as u on u.part_id = p.part_id
  union
  -- a list of events sent by an office is complete for all its units; a roll or a table of figures is not
  select c.unit_code, p.record, p.covers_from, p.covers_to
  from meta.part_in_force as p
  join record_asked as r on r.record = p.record and r.office_speaks_for_all
  join ref.unit as c on c.parent_code = p.sender
),

part_report_member as (
  select m.unit_code, r.record, r.covers_from, least(r.covers_to, coalesce(m.before_on - 1, r.covers_to)) as covers_to
  from part_report as r
  join unit_member as m on m.part_unit = r.unit_code
  join ref.unit as u on u.unit_code = m.unit_code
  where u.kind <> 'city' or m.is_own_of_city
),

part_report_step as (
  select *, covers_from > 1 + max(covers_to) over (
    partition by unit_code, record order by covers_from, covers_to rows between unbounded preceding and 1 preceding
  ) as is_new
  from part_report_member
  where covers_from <= covers_to
),

reported_span as (
  -- covered periods that touch or overlap are one: twelve months cover their year, a year its months
  select unit_code, record, min(covers_from) as first_on, max(covers_to) as last_on
  from (
    select *, count(*) filter (where is_new) over (
      partition by unit_code, record order by covers_from, covers_to rows unbounded preceding
    ) as span_no
    from part_report_step
  ) as s
  group by unit_code, record, span_no
),

unit_reported as (
  -- events: the whole period is covered; a roll: there is one of a day on or before the last day;
  -- a form of totals: never, a figure that is not in it is not reported
  select up.unit_code, up.period_id, r.record
  from unit_period as up
  join reported_span as s on s.unit_code = up.unit_code
  join record_asked as r on r.record = s.record and not r.is_snapshot and not r.is_form
  where s.first_on <= up.need_from and s.last_on >= up.need_to
  union
  select up.unit_code, up.period_id, r.record
  from unit_period as up
  join part_report_member as s on s.unit_code = up.unit_code
  join record_asked as r on r.record = s.record and r.is_snapshot
  join record_end as e on e.record = s.record
  where s.covers_to <= up.last_on and up.first_on <= e.last_on
),

silent as (
  -- units that handed in everything the indicator needs: no rows mean zero
  select ir.indicator_id, ur.unit_code, ur.period_id
  from unit_reported as ur join indicator_record as ir on ir.record = ur.record and ir.is_needed
  group by ir.indicator_id, ur.unit_code, ur.period_id
  having count(*) = (select count(*) from indicator_record as n
  where n.indicator_id = ir.indicator_id and n.is_needed)
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
