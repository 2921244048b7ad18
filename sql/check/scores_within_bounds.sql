-- one row per score or result outside of the span that undecided rows allow
select year, unit_code, item_id, points, points_low, points_high
from assess.item_score
where points < points_low or points > points_high or points_low > points_high
union all
select year, unit_code, null, total_points, points_low, points_high
from assess.result
where total_points < points_low or total_points > points_high
  or group_rank < group_rank_best or group_rank > group_rank_worst;
