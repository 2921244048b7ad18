/* ---
indicator: mediation_people
label: 成功调解涉及劳动者
unit: 人
shape: sum
direction: up
record: mediation
counts: workers of cases closed with an agreement as the register states them (head counts, a worker in two cases counts twice)
basis: 达成协议案件的涉及人数之和；只有人数，同一人涉两案计两次
--- */
select unit_code, closed_on as event_date, claimant_people as numerator, part_id, row_number
from current.mediation
where result = 'agreed'
