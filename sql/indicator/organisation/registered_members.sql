/* ---
indicator: registered_members
label: 工会组织台账会员
unit: 人
shape: stock
direction: up
record: union_organisation
counts: members as the register of unions states them (head counts; the roll by person is members)
basis: 工会组织台账填报的会员人数之和；只有人数，按人统计见工会会员
--- */
select unit_code, snapshot_on as event_date, member_people as numerator, part_id, row_number
from current.union_organisation
where is_active and union_kind is distinct from 'payer'
