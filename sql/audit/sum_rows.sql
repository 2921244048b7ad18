-- What the rows that count come to, in the way the shape of the indicator allows.
with counted as (
  select *, struct_pack(is_on_roll, person) as roll_person, not is_population and $family = 'coverage' as is_hit,
    bool_or(numerator > 0 and (is_population or subject is not null)) over (partition by person) as is_reached
  from placed_row
  where reason is null
)

select
  case
    when $family = 'coverage' then count(distinct person) filter (where is_population and is_reached)
    when $by_person then count(distinct roll_person)
    else sum(numerator) end as numerator,
  if($family = 'coverage', count(distinct person) filter (where is_population), sum(denominator)) as denominator,
  count(*) filter (where not is_hit) as records,
  (
    select count(*) from placed_row
    where reason in ('straddles', 'no_edition')
  ) as straddling,
  if($by_person, count(distinct roll_person) filter (where not is_hit), 0) as subjects,
  if($by_person, count(*) filter (where not is_hit and subject is null), 0) as anonymous,
  count(*) filter (where is_hit and numerator > 0 and subject is not null) as hits,
  if($shape = 'edition', list(distinct decode(subject)) filter (where subject is not null), []) as editions
from counted
