/* ---
indicator: student_aid_yuan
label: 发放助学金
unit: 元
shape: sum
direction: up
record: student_aid
category: school_level
counts: grants paid, by day, or within the aid year where the day is blank; planned and returned grants do not count
basis: 已发放的助学金，按发放日期，日期空白的归资助年度；计划、退回的不计
--- */
select unit_code, school_level as category, coalesce(granted_on, make_date(aid_year, 1, 1)) as from_on,
  coalesce(granted_on, make_date(aid_year, 12, 31)) as to_on, amount_yuan as numerator, part_id, row_number
from current.student_aid
where is_paid
