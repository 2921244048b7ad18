/* ---
indicator: appeals_upheld_rate
label: 申诉支持率
unit: 比率
shape: ratio
direction: none
record: appeal
counts: appeals upheld wholly or in part over appeals ruled on, by the day of the ruling; withdrawn appeals are not ruled on
basis: 支持或部分支持的申诉除以已裁定的申诉，按裁定日期；撤回的不计
--- */
select unit_code, ruled_on as event_date, case when ruling in ('upheld', 'partly') then 1 when ruling is not null then 0 end as numerator,
  1 as denominator, part_id, row_number
from current.appeal
where ruling in ('upheld', 'partly', 'rejected')
