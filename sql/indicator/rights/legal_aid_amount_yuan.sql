/* ---
indicator: legal_aid_amount_yuan
label: 法律援助案件标的额
unit: 元
shape: sum
direction: up
record: legal_aid
counts: amounts in dispute of aid cases alone, by the day of application; one of two readings of the claim
basis: 仅法律援助案件的标的额，按申请日期（两种读法之一）
--- */
select unit_code, accepted_on as event_date, amount_claimed_yuan as numerator, part_id, row_number
from current.legal_aid
where aid_kind <> 'consultation'
