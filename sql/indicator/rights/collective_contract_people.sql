/* ---
indicator: collective_contract_people
label: 集体合同覆盖职工
unit: 人
shape: stock
direction: up
record: collective_contract
counts: staff covered by general collective contracts valid on the last day (head counts)
basis: 期末有效综合集体合同的覆盖职工数之和；只有人数
--- */
select unit_code, valid_from_on as from_on, valid_to_on as to_on, covered_staff_people as numerator, part_id, row_number
from current.collective_contract
where contract_kind = 'general'
