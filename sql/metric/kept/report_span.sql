-- What a unit has handed in of each kind that is a list of events: spans of days without a gap; of a roll: its first.
-- A form of totals is never complete: a figure that is not in it is not reported.
create or replace temporary table report_span as
with
record_asked as (
  select distinct record, is_snapshot, office_speaks_for_all from indicator_record
  where is_snapshot or not is_form
),

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
  select m.unit_code, m.record, m.covers_from, m.covers_to, m.covers_from > 1 + max(m.covers_to) over (
    partition by m.unit_code, m.record order by m.covers_from, m.covers_to rows between unbounded preceding and 1 preceding
  ) as is_new
  from part_report_member as m
  join record_asked as r on r.record = m.record and not r.is_snapshot
  where m.covers_from <= m.covers_to
)

-- covered periods that touch or overlap are one: twelve months cover their year, a year its months
select unit_code, record, false as is_roll, min(covers_from) as first_on, max(covers_to) as last_on
from (
  select *, count(*) filter (where is_new) over (
    partition by unit_code, record order by covers_from, covers_to rows unbounded preceding
  ) as span_no
  from part_report_step
) as s
group by unit_code, record, span_no
union all
select m.unit_code, m.record, true, min(m.covers_from), min(m.covers_to)
from part_report_member as m
join record_asked as r on r.record = m.record and r.is_snapshot
group by m.unit_code, m.record;
