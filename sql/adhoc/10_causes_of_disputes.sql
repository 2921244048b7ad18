-- 各类案由的成功率是多少？
-- How often does mediation succeed, by cause of the dispute? Numerator and denominator stay beside the rate.
with closed as (
  select coalesce(c.label, '未填') as cause, m.result
  from current.mediation as m
  left join ref.code as c on c.list = 'dispute_cause' and c.code = m.cause
  where m.closed_on between date '2011-01-01' and date '2015-12-31'
    and m.result is distinct from 'refused' and m.result is distinct from 'pending'
)

select cause as 案由, count(*) filter (where result = 'agreed') as 成功件数, count(*) as 办结件数,
  half_up(count(*) filter (where result = 'agreed'), count(*), 4) as 成功率
from closed
group by cause
order by 办结件数 desc, 案由
