/* ---
indicator: mediation_success_rate
label: 劳动争议调解成功率
unit: 比率
shape: ratio
direction: up
record: mediation
counts: cases closed with an agreement over cases closed (not over cases accepted), both by the day of closing
basis: 达成协议案件数除以同期办结案件数（不是受理数），均按结案日期
--- */
select unit_code, closed_on as event_date, case when result = 'agreed' then 1 when result is not null then 0 end as numerator,
  1 as denominator, part_id, row_number
from current.mediation
where result is distinct from 'refused' and result is distinct from 'pending'
