/* ---
indicator: special_grade_streak
label: 连续获综合目标考核特等奖
unit: 年
shape: streak
direction: up
record: past_result
counts: consecutive assessed years with the grade 特等奖, up to the last decided one; the running year is not decided yet
basis: 连续获综合目标考核特等奖的考核年度数，截至最近已评定年度
--- */
select unit_code, coalesce(decided_on, make_date(year, 12, 31)) as event_date, year as subject,
  case when grade = 'special' then 1 when grade is not null then 0 end as numerator, part_id, row_number
from current.past_result
