/* ---
indicator: legal_aid_cases
label: 实施法律援助案件
unit: 件
shape: count
direction: up
record: legal_aid
counts: aid cases by the day of application; a consultation is not a case, several people aided in one matter are one case
basis: 按申请日期统计法律援助案件；咨询不计件；一案多人计一件
--- */
select unit_code, accepted_on as event_date, 1 as numerator, part_id, row_number
from current.legal_aid
where aid_kind <> 'consultation'
