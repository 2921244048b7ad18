/* ---
indicator: wage_recovered_yuan
label: 讨薪兑现工资
unit: 元
shape: sum
direction: up
record: wage_recovery
category: [区外, 区内]
counts: wages recovered inside and outside the district, by day; category inside or outside
basis: 区内外讨薪追回的金额合计；分类：区内、区外
--- */
select unit_code, recovered_on as event_date,
  case when is_out_of_district then '区外' when not is_out_of_district then '区内' end as category, recovered_yuan as numerator, part_id, row_number
from current.wage_recovery
