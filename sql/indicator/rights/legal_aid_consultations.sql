/* ---
indicator: legal_aid_consultations
label: 法律咨询
unit: 次
shape: count
direction: none
record: legal_aid
counts: consultations registered, by day; never added to aid cases
basis: 登记的法律咨询次数；不与援助案件相加
--- */
select unit_code, accepted_on as event_date, 1 as numerator, part_id, row_number
from current.legal_aid
where aid_kind = 'consultation'
