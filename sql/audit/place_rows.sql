-- Every row that was read again with why it does not count for the period; `reason` is NULL where it does.
-- Persons are told apart by numbers: those with several rows first. `is_population`: the side of a coverage to be reached.
create or replace temporary table placed_row as
with dated as (
  select f.*, coalesce(f.event_date, f.from_on) as since_on,
    coalesce(f.event_date, f.to_on, if(f.from_on is null, null, date '9999-12-31')) as until_on,
    p.before_on, p.snapshot_on, p.stands, p.ends_on,
    $family = 'coverage' and coalesce(f.denominator, 0) > 0 as is_population,
    coalesce(f.subject, encode(f.part_id || '/' || f.row_number)) as person
  from found_row as f
  left join lineage_part as p on p.part_id = f.part_id and p.unit_code = f.unit_code
),

judged as (
  select *, case
      when $category = 'no_id' and $by_person then if(subject is null, null, 'other_category')
      when $category is null or ($family = 'coverage' and not is_population) or category = $category then null
      else 'other_category' end as other_category,
    case
      when snapshot_on is not null and ($family = 'stock' or is_population)
        then case when snapshot_on >= before_on then 'unit_left' when not stands then 'other_roll' end
      when since_on is null or until_on is null or ($family = 'streak' and subject is null) then 'undated'
      when if($family = 'stock', since_on, until_on) >= before_on then 'unit_left'
      when $family = 'stock' then if($last between since_on and until_on and $first <= ends_on, null, 'not_valid')
      when $family = 'streak' then if(since_on <= $last and $first <= ends_on, null, 'other_period')
      when since_on > $last or until_on < $first then 'other_period'
      when since_on < $first or until_on > $last then 'straddles'
      when $shape = 'edition' and subject is null then 'no_edition'
    end as misplaced
  from dated
),

reasoned as (
  select * exclude (other_category, misplaced), coalesce(other_category, misplaced, case
      when $family = 'coverage' and not is_population and not coalesce(
        bool_or(is_population and other_category is null and misplaced is null) over (partition by person), false)
        then 'not_in_population' end) as reason
  from judged
),

grouped as (
  select *, bool_or(reason is null) over (partition by person) as is_counted,
    count(*) filter (where since_on <= $last and until_on >= $first) over (partition by person) > 1 as has_several,
    min((part_id, row_number)) over (partition by person) as first_address
  from reasoned
)

select part_id, row_number, unit_code, since_on, until_on, category, numerator, denominator, is_population, subject,
  snapshot_on is not null as is_on_roll, person, reason, case
    when $shape in ('edition', 'streak') then decode(subject)
    when $by_person and is_counted then cast(dense_rank() over (
      order by not is_counted, subject is null, not has_several, first_address, person) as varchar) end as shown_subject,
  row_number() over (order by $by_person and subject is null, $by_person and not has_several,
    if($by_person, first_address, null), if($by_person, person, null), not is_population, part_id, row_number, category)
    as place
from grouped
