/* ---
indicator: needy_coverage
label: 困难职工帮扶覆盖率
unit: 比率
shape: coverage
direction: up
record: needy_worker
reads: [consolation, needy_worker, student_aid]
at: end
needs: [needy_worker, consolation]
counts: persons with an open file on the last list who got a consolation gift or whose child got student aid in the period, over all with an open file
basis: 最近一期在档困难职工中期内获慰问或子女获助学的人数除以在档人数
--- */
select unit_code, snapshot_on as event_date, null as from_on, null as to_on, person_key as subject, null as numerator, 1 as denominator, part_id, row_number
from current.needy_worker
where is_on_file
union all
select unit_code, given_on as event_date, null as from_on, null as to_on, person_key as subject, 1 as numerator, null as denominator, part_id, row_number
from current.consolation
where is_paid
union all
select unit_code, granted_on as event_date, case when granted_on is null then make_date(aid_year, 1, 1) end as from_on,
  case when granted_on is null then make_date(aid_year, 12, 31) end as to_on, parent_key as subject, 1 as numerator, null as denominator, part_id, row_number
from current.student_aid
where is_paid and parent_key is not null
