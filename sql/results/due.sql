-- Every report that a unit owed for a year ($year), as open.报送日程 has it, without those that are not due yet.
select d.单位代码 as unit_code, d.报表 as record_label, d.时期 as period_label, d.应报日 as due_on, d.只报到 as reached_on, d.报送状态 as state_label,
  d.迟报天数 as days_late
from open.报送日程 as d
join ref.period as p on p.period_id = d.时期代码
join assess.result as u on u.year = $year and u.unit_code = d.单位代码
where year(p.to_on) = $year and (d.收到日 is not null or d.迟报天数 > 0 or d.报送状态 = '搁置')
order by d.单位代码, d.报表, d.应报日
