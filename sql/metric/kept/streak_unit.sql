-- Awards by year and by the unit they count for; the run of a district is not one of its city.
create or replace temporary table streak_unit as
select r.indicator_id, m.unit_code, cast(decode(r.subject) as integer) as award_year, r.since_on, r.numerator, r.is_accepted, r.is_open
from streak_row as r
join unit_member as m on m.part_unit = r.unit_code
join ref.unit as u on u.unit_code = m.unit_code
where r.subject is not null and (m.before_on is null or r.until_on < m.before_on)
  and (u.kind <> 'city' or m.is_own_of_city);
