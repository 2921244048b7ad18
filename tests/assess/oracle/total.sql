-- Totals and places. $total_places; $breaks: 'bonus, past' or 'base, decision'; $ties: shared or dense.
create or replace temporary macro capped(f, cap) as case when f.n > cap * f.d then {'n': cap::hugeint, 'd': 1::hugeint} else f end;

create or replace temporary table oracle_total as
with base as (
  select unit_code,
    added([
      capped(added(list(f) filter (where f is not null and item_id in ('linear', 'based', 'bands', 'share', 'drop', 'whole', 'tally', 'place'))), 44),
      capped(added(list(f) filter (where f is not null and item_id in ('best', 'mean', 'first', 'sum', 'raters', 'position'))), 36),
      added(list(f) filter (where f is not null and item_id = 'late')),
      capped(added(list(f) filter (where f is not null and item_id in (
        'beside', 'beyond', 'grown', 'mixed', 'halves', 'weaker', 'opinion', 'taken_over'))), 28)
    ]) as f,
    sum(plain_points) filter (where not coalesce(is_no_part, false)) as whole,
    sum(full_points) filter (where not coalesce(is_no_part, false)) as kept
  from oracle_points
  group by unit_code
),

rescaled as (
  select unit_code, lowest({'n': f.n * whole::hugeint, 'd': f.d * kept::hugeint}) as base, whole, kept from base
),

was_counted as (
  select distinct unit_code, matter, work_year from current.bonus_application where counted_year < 2015 and granted_points > 0
),

application as (
  select a.unit_code, a.matter, a.part_id, a.row_number,
    case when a.kind = 'award' then 'honour' when a.kind in ('innovation', 'pilot') then 'novelty' end as class_id,
    case
      when a.kind = 'award' and a.level = 'national' then least(a.granted_points, 2)
      when a.kind = 'award' and a.level = 'municipal' then least(a.granted_points, 1)
      when a.kind in ('innovation', 'pilot') and a.level = 'national' then least(a.granted_points, 2)
      when a.kind in ('innovation', 'pilot') and a.level = 'municipal' then least(a.granted_points, 1)
      when a.kind in ('innovation', 'pilot') and a.level = 'district' then least(a.granted_points, 0.5)
    end as points
  from current.bonus_application as a
  left join was_counted as w on w.unit_code = a.unit_code and w.matter = a.matter and w.work_year = a.work_year
  where a.counted_year = 2015 and a.work_year in (2014, 2015) and a.document_no is not null
    and a.granted_points is not null and w.matter is null
),

highest as (
  select *, row_number() over (partition by unit_code, matter order by points desc nulls last, part_id, row_number) as nth
  from application
),

of_class as (
  select unit_code, case class_id when 'honour' then least(sum(points), 2) else sum(points) end as points
  from highest
  where nth = 1 and points is not null
  group by unit_code, class_id
),

bonus as (select unit_code, least(coalesce(sum(points), 0), 3) as points from of_class group by unit_code),

of_notices as (
  select d.unit_code, least(coalesce(sum(d.points) filter (where d.item in ('work', 'linear', '调解', '重点工作')), 0), 1.5)
    + coalesce(sum(d.points) filter (where d.item in ('late', '按时报送', 'best')), 0) as points
  from current.deduction as d
  where d.year = 2015
  group by d.unit_code
),

deducted as (
  -- units with more than 20 cases of legal aid have less taken off; then the cap of all
  select n.unit_code, least(n.points * case when f.x > 20 then 0.8 else 1 end, 2) as points
  from of_notices as n
  left join oracle_figure as f on f.unit_code = n.unit_code and f.indicator_id = 'legal_aid_cases'
),

composed as (
  select r.unit_code, g.group_id, r.base, r.whole, r.kept, coalesce(b.points, 0) as bonus,
    coalesce(d.points, 0) as deduction
  from rescaled as r
  join ref.unit_group as g on g.unit_code = r.unit_code and g.year = 2015
  left join bonus as b on b.unit_code = r.unit_code
  left join deducted as d on d.unit_code = r.unit_code
),

total as (
  select c.*, half_up_whole(added([base, fraction(bonus - deduction, 1)]), $total_places) as total,
    coalesce(-p.overall_rank, -1000000) as past, coalesce(-k.place, -1000000) as decision, half_up_whole(base, 12) as base_line
  from composed as c
  left join current.past_result as p on p.unit_code = c.unit_code and p.year = 2014
  left join current.rank_decision as k on k.unit_code = c.unit_code and k.year = 2015
),

keyed as (
  select *, case when $breaks = 'bonus, past' then [total, (bonus * 10000)::hugeint, past::hugeint]
    else [total, base_line, decision::hugeint] end as sort_key
  from total
)

select unit_code, group_id, base, bonus, deduction, whole, kept, total,
  case $ties when 'dense' then dense_rank() over (partition by group_id order by sort_key desc)
    else rank() over (partition by group_id order by sort_key desc) end as group_rank,
  case $ties when 'dense' then dense_rank() over (order by sort_key desc) else rank() over (order by sort_key desc) end as overall_rank
from keyed;
