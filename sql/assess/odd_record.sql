-- One row per record of the year that is sound by itself and still cannot mean what it says: somebody has to look at it.
-- What our own reference data lack (a calendar, a town) is said to the office, without the unit whose record met the gap.
with assessed as (
  select unit_code
  from ref.unit
  where is_assessed
    and coalesce(valid_from <= make_date($year, 12, 31), true)
    and coalesce(valid_to >= make_date($year, 12, 31), true)
),

about_unit as (
  select 'verified_figure' as record, unit_code, part_id, row_number
  from current.verified_figure
  where year = $year
  union all
  select 'spot_check', unit_code, part_id, row_number
  from current.spot_check
  where year = $year
  union all
  select 'appeal', unit_code, part_id, row_number
  from current.appeal
  where year = $year
  union all
  select 'rater_score', unit_code, part_id, row_number
  from current.rater_score
  where year = $year
  union all
  select 'bonus_application', unit_code, part_id, row_number
  from current.bonus_application
  where counted_year = $year
  union all
  select 'deduction', unit_code, part_id, row_number
  from current.deduction
  where year = $year
  union all
  select 'veto_event', unit_code, part_id, row_number
  from current.veto_event
  where year = $year
  union all
  select 'rank_decision', unit_code, part_id, row_number
  from current.rank_decision
  where year = $year
),

fixed as (
  select unit_code, indicator, verified as amount, part_id, row_number
  from current.verified_figure
  where year = $year
  union all
  select unit_code, indicator, ruled_figure, part_id, row_number
  from current.appeal
  where year = $year and ruling in ('upheld', 'partly')
)
,

due as (
  select key_text(r.record) as record_key, key_text(r.label) as label_key, p.from_on, p.to_on
  from ref.calendar as c
  join ref.period as p on p.period_id = c.period_id
  join ref.record as r on r.record = c.record
),

excuse as (
  -- granted for a report that is due on no day; what is the name of no report is no gap of the calendar
  select e.unit_code, e.report, e.part_id, e.row_number, r.record is null or exists (
    select 1
    from due as d
    where d.record_key = key_text(r.record) and year(d.to_on) = $year
  ) as has_calendar
  from current.late_excuse as e
  left join ref.record as r on key_text(e.report) in (key_text(r.record), key_text(r.label))
  where e.year = $year and e.is_granted
    and not exists (
      select 1
      from due as d
      where key_text(e.report) in (d.record_key, d.label_key)
        and e.report_period_from_on <= d.from_on and e.report_period_to_on >= d.to_on
    )
)

select 'warning' as severity, 'unit_not_assessed' as code, a.unit_code as unit,
  r.label || '中有' || u.name || '的记录，但该单位在考核年度末不是被考核单位，未计入；如应计入其他单位，请改单位名称后重报' as message,
  a.part_id, a.row_number
from about_unit as a
join ref.record as r on r.record = a.record
join ref.unit as u on u.unit_code = a.unit_code
where a.unit_code not in (select unit_code from assessed)
union all
select 'error', 'rate_above_one', f.unit_code,
  i.label || '是比率，核定（裁定）为 ' || format('{}', f.amount) || '，大于 1；比率按小数填写，85% 填 0.85，请改后重报', f.part_id, f.row_number
from fixed as f
join ref.indicator as i on i.indicator_id = f.indicator
where f.amount > 1 and i.shape in ('ratio', 'coverage') and not i.above_one
union all
select 'warning', 'excuse_without_report', e.unit_code,
  '准予延期的“' || e.report || '”在报送日历中没有这一报送期间，未起作用；请按报表名称和日历中的报送期间填写', e.part_id, e.row_number
from excuse as e
where e.has_calendar
union all
select 'warning', 'calendar_missing', null,
  '报送日历（data/reference/calendar.csv）没有“' || e.report || '”' || $year || '年的报送日期，准予的延期未起作用；由数据管理员补登日历，单位无需更正',
  e.part_id, e.row_number
from excuse as e
where not e.has_calendar
union all
select 'info', 'town_unknown', null,
  u.name || '的报表里有' || count(*) || '处镇街在名录（data/reference/town_code.csv）里查不到，按未填计；由数据管理员核对名录，单位无需更正',
  min(i.part_id), null
from meta.issue as i
join meta.part_in_force as p on p.part_id = i.part_id
join ref.unit as u on u.unit_code = p.sender
where i.issue_code = 'division_unknown' and i.state = 'open' and year(p.covers_to) = $year
group by u.name
order by part_id, row_number, code
