/* ---
indicator: suggestions_adopted
label: 采纳合理化建议
unit: 条
shape: sum
direction: up
record: labour_competition
counts: rationalisation proposals adopted; proposals made do not count
basis: 已采纳的合理化建议条数；仅提出的不计
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, suggestions_adopted as numerator, part_id, row_number
from current.labour_competition
