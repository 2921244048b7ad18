/* ---
indicator: students_aided
label: 资助困难职工子女上大学
unit: 人
shape: distinct
direction: up
record: student_aid
counts: different students at university or college who got a grant in the period; a student aided in several years is one
basis: 期内获资助的专科及以上不同学生；多年获资助计一人
--- */
select unit_code, coalesce(granted_on, make_date(aid_year, 1, 1)) as from_on,
  coalesce(granted_on, make_date(aid_year, 12, 31)) as to_on, person_key as subject, 1 as numerator, part_id, row_number
from current.student_aid
where is_paid and school_level in ('college', 'bachelor', 'graduate')
