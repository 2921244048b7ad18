-- Values that need a word of explanation. A rate above 100 % is published as it is, with its definition, never capped.
insert into metric.flag
select v.unit_code, v.period_id, v.indicator_id, 'above_one',
  i.label || '为' || cast(half_up(v.value * 100, 1, 2) as decimal(18, 2)) || '%，超过100%，请核对分子、分母口径：' || i.basis
from metric.value as v
join ref.indicator as i on i.indicator_id = v.indicator_id
where list_contains($ids, v.indicator_id) and v.category is null and v.value > 1
  and i.shape in ('ratio', 'coverage') and not i.above_one
