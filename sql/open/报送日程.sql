-- Every report that was due, by when, when it came, and by how many days late up to the scheme's closing day.
create or replace view open.报送日程 as
with due as (
  select d.unit_code, d.record, d.period_id, d.due_on, d.in_time_until_on, d.came_on, d.is_held, d.reached_on, p.label as period_label, year(p.to_on) as in_year,
    days_late(d.in_time_until_on, d.came_on, cast(coalesce(k.as_of, k.last_received_at) as date), s.closing_on) as days_late
  from metric.report_due as d
  join ref.period as p on p.period_id = d.period_id
  left join ref.scheme as s on s.year = year(p.to_on)
  cross join meta.run as k
)

select u.name as 单位, r.label as 报表, d.period_label as 时期, d.due_on as 应报日, d.in_time_until_on as 准时至, d.came_on as 收到日, d.reached_on as 只报到,
  case when d.is_held then '搁置' when d.reached_on is not null then '未报齐' when d.came_on is null then '未报' when d.came_on > d.in_time_until_on then '迟报' else '准时' end as 报送状态,
  d.days_late as 迟报天数, d.unit_code as 单位代码, d.record as 台账代码, d.period_id as 时期代码
from due as d
join ref.unit as u on u.unit_code = d.unit_code
join ref.record as r on r.record = d.record
