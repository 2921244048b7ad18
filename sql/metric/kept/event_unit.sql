-- Events by the unit they count for: its own, those of what became part of it, and a city's of its units; in their category, as
-- no_id without a usable subject, and in the total. An event without a readable edition is none more, only perhaps one.
create or replace temporary table event_unit as
with
event_member as (
  select r.indicator_id, m.unit_code, r.category, r.since_on, r.until_on, r.subject,
    r.is_accepted and (r.subject is not null or not i.is_edition) as is_accepted, not r.is_accepted as is_rejected, r.is_open,
    r.subject is null and not i.is_edition as has_no_id
  from event_row as r
  join indicator_asked as i on i.indicator_id = r.indicator_id
  join unit_member as m on m.part_unit = r.unit_code
  where r.since_on is not null and (m.before_on is null or r.until_on < m.before_on)
    and (i.adds_own or not m.is_own_of_city)
)

select indicator_id, unit_code, category, since_on, until_on, subject, is_accepted, is_rejected, is_open from event_member
where category is not null
union all
select indicator_id, unit_code, 'no_id', since_on, until_on, subject, is_accepted, is_rejected, is_open from event_member
where has_no_id
union all
select indicator_id, unit_code, null, since_on, until_on, subject, is_accepted, is_rejected, is_open from event_member;
