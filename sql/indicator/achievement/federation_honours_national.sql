/* ---
indicator: federation_honours_national
label: 总工会获国家级荣誉
unit: 项
shape: count
direction: up
record: honour
counts: honours of the federation itself at national level, by the day of the award; workers' and unions' honours have other owners
basis: 区县总工会自身获得的国家级荣誉；职工、基层工会的荣誉不计
--- */
select unit_code, awarded_from_on as from_on, awarded_to_on as to_on, 1 as numerator, part_id, row_number
from current.honour
where owner = 'federation' and level = 'national' and status is distinct from 'revoked'
