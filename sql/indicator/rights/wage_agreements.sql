/* ---
indicator: wage_agreements
label: 有效工资专项集体合同
unit: 份
shape: stock
direction: up
record: collective_contract
counts: wage agreements valid on the last day of the period
basis: 期末仍在有效期内的工资专项集体合同
--- */
select unit_code, valid_from_on as from_on, valid_to_on as to_on, 1 as numerator, part_id, row_number
from current.collective_contract
where contract_kind = 'wage'
