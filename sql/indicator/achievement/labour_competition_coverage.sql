/* ---
indicator: labour_competition_coverage
label: 劳动竞赛覆盖面
unit: 比率
shape: coverage
direction: up
record: competition_participation
reads: [competition_participation, employer]
at: end
counts: employers of the last register that should hold competitions and took part in one in the period, over those that should; by employer, not by staff
basis: 最近一期台账中应开展竞赛的单位里期内参赛的单位数除以应开展单位数；按单位，不按职工
--- */
select unit_code, snapshot_on as event_date, null as from_on, null as to_on, employer as subject, null as numerator, 1 as denominator, part_id, row_number
from current.employer
where is_contest_due and is_operating
union all
select unit_code, null as event_date, held_from_on as from_on, held_to_on as to_on, employer as subject, 1 as numerator, null as denominator, part_id, row_number
from current.competition_participation
