/* ---
indicator: legal_aid_people
label: 法律援助受援人
unit: 人
shape: sum
direction: up
record: legal_aid
counts: people aided in cases as the register states them (head counts); consultations apart
basis: 法律援助案件的受援人数之和；只有人数；咨询不计
--- */
select unit_code, accepted_on as event_date, recipient_people as numerator, part_id, row_number
from current.legal_aid
where aid_kind <> 'consultation'
