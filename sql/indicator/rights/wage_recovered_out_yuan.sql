/* ---
indicator: wage_recovered_out_yuan
label: 外出讨薪兑现工资
unit: 元
shape: sum
direction: up
record: wage_recovery
counts: wages recovered outside the district, by day; wages owed do not count
basis: 区外讨薪追回的金额，按日期；欠薪金额不计
--- */
select unit_code, recovered_on as event_date, recovered_yuan as numerator, part_id, row_number
from current.wage_recovery
where is_out_of_district
