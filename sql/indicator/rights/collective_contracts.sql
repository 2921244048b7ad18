/* ---
indicator: collective_contracts
label: 有效集体合同
unit: 份
shape: stock
direction: up
record: collective_contract
counts: general collective contracts valid on the last day of the period; contracts signed once and expired do not count
basis: 期末仍在有效期内的综合集体合同；已过期的不计
--- */
select unit_code, valid_from_on as from_on, valid_to_on as to_on, 1 as numerator, part_id, row_number
from current.collective_contract
where contract_kind = 'general'
