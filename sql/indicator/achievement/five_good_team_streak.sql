/* ---
indicator: five_good_team_streak
label: 连续获五好班子
unit: 年
shape: streak
direction: up
record: honour
counts: consecutive years of work for which the federation got the title, up to the last decided one
basis: 区县总工会连续获五好班子称号的年数（按表彰年度），截至最近已评定年度
--- */
select unit_code, awarded_from_on as from_on, awarded_to_on as to_on, coalesce(work_year, award_year) as subject, 1 as numerator, part_id, row_number
from current.honour
where owner = 'federation' and title = 'five_good_team' and status is distinct from 'revoked'
