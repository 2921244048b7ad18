/* ---
indicator: collective_contract_rate
label: 集体合同覆盖率
unit: 比率
shape: ratio
direction: up
record: collective_contract
reads: [collective_contract, employer]
at: end
counts: employers covered by general collective contracts valid on the last day over employers with a union in the last register; blank coverage of a single-enterprise contract is one
basis: 期末有效集体合同覆盖的单位数除以最近台账中已建会单位数；单个企业合同覆盖数空白计一家
--- */
select unit_code, null as event_date, valid_from_on as from_on, valid_to_on as to_on,
  case when contract_scope = 'single' then coalesce(covered_employers, 1) else covered_employers end as numerator, null as denominator, part_id, row_number
from current.collective_contract
where contract_kind = 'general'
union all
select unit_code, snapshot_on as event_date, null as from_on, null as to_on, null as numerator, 1 as denominator, part_id, row_number
from current.employer
where is_unionised and is_due is not false and is_operating
