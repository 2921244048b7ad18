/* ---
indicator: members
label: 工会会员
unit: 人
shape: stock
direction: up
record: member
counts: persons on the last member roll, each person once in a unit and once in the city; who has left is not on it, retained membership is
basis: 最近一期会员名册上的人数，同一人在一个单位、全市均只计一次；已转出、除名、退会的不计，保留会籍的计
--- */
select unit_code, snapshot_on as event_date, person_key as subject, 1 as numerator, part_id, row_number
from current.member
where is_member
