/* ---
indicator: micro_enterprises
label: 扶持创办小微企业
unit: 户
shape: distinct
direction: up
record: micro_enterprise
category: founder_kind
counts: different businesses supported, by the day of the support; a business supported twice is one; businesses, not people; category by founder
basis: 期内获扶持的不同企业，按扶持日期；同一企业两次扶持计一户；按创业者身份分类
--- */
select unit_code, founder_kind as category, coalesce(granted_on, registered_on) as event_date, business as subject, 1 as numerator, part_id, row_number
from current.micro_enterprise
