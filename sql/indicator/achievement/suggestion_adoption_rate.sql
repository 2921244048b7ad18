/* ---
indicator: suggestion_adoption_rate
label: 合理化建议采纳率
unit: 比率
shape: ratio
direction: up
record: labour_competition
counts: proposals adopted over proposals made, in competitions that state both
basis: 采纳条数除以提出条数，只计两项都填报的竞赛
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on,
  case when suggestions is not null then suggestions_adopted end as numerator,
  case when suggestions_adopted is not null then suggestions end as denominator, part_id, row_number
from current.labour_competition
