/* ---
indicator: micro_enterprise_loans_yuan
label: 小微企业贷款
unit: 元
shape: sum
direction: up
record: micro_enterprise
counts: loans granted with the help of the union, by day; other support apart
basis: 工会帮助发放的贷款金额，按发放日期；其他扶持不计
--- */
select unit_code, granted_on as event_date, loan_yuan as numerator, part_id, row_number
from current.micro_enterprise
where support_kind = 'loan'
