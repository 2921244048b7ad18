-- Every unit in every period asked about: whether it existed, is asked for its figures, and which days its reports have to cover.
create or replace temporary table unit_period as
with heir as (
  select distinct unit_code from unit_member
  where before_on is not null
)

select u.unit_code, p.period_id, u.kind = 'city' as is_city, u.is_assessed or u.kind = 'city' as is_due, p.last_on,
  case when h.unit_code is not null then p.first_on
    else greatest(p.first_on, coalesce(u.valid_from, p.first_on)) end as need_from,
  least(p.last_on, coalesce(u.valid_to, p.last_on)) as need_to,
  coalesce(u.valid_from <= p.last_on, true) and coalesce(u.valid_to >= p.first_on, true) as exists_then,
  p.first_on, u.parent_code
from ref.unit as u
cross join period_asked as p
left join heir as h on h.unit_code = u.unit_code;
