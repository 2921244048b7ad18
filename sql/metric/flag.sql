-- Values that need a word of explanation. A rate above 100 % is published as it is, with its definition, never capped.
insert into metric.flag by name
select v.unit_code, v.period_id, v.indicator_id, 'above_one' as flag,
  i.label || '为' || cast(half_up(v.value * 100, 1, 2) as decimal(18, 2)) || '%，超过100%，请核对分子、分母口径：' || i.basis as message
from metric.value as v
join indicator_asked as i on i.indicator_id = v.indicator_id
where i.is_rate and not i.above_one and v.category is null and v.value > 1;
