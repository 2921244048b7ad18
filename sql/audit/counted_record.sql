-- The published bonus applications ('bonus') or notices ('deduction') of a unit, with what each gave or took.
select 'bonus' as kind, part_id, row_number, matter as about, counted as amount
from assess.bonus
where year = $year and unit_code = $unit
union all
select kind, part_id, row_number, coalesce(reason, ''), amount
from assess.adjustment
where year = $year and unit_code = $unit and kind = 'deduction'
