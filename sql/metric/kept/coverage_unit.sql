-- Whom a unit should reach (denominator) and whom it reached (numerator), by the unit they count for. A population `at: end` is that of
-- a roll, which `record`, `snapshot_on` and the unit that sent it name.
create or replace temporary table coverage_unit as
with
coverage_member as (
  select r.indicator_id, m.unit_code, r.unit_code as part_unit, r.category, r.since_on, r.until_on, r.subject, r.numerator,
    r.denominator, r.part_id, r.row_number, r.is_accepted, r.is_open, m.before_on, i.at_end and r.denominator > 0 as is_of_roll
  from coverage_row as r
  join indicator_asked as i on i.indicator_id = r.indicator_id
  join unit_member as m on m.part_unit = r.unit_code and (i.adds_own or not m.is_own_of_city)
  where r.denominator > 0 or r.numerator > 0
)

select r.* exclude (before_on, is_of_roll), c.record, c.snapshot_on
from coverage_member as r
join meta.part_in_force as c on c.part_id = r.part_id
where r.is_of_roll and (r.before_on is null or c.snapshot_on < r.before_on)
union all
select * exclude (before_on, is_of_roll), null, null
from coverage_member
where is_of_roll is distinct from true and (before_on is null or until_on < before_on);
