-- 2015年谁离上一等次只差一名？差多少分？
-- Who is one place from the next grade in 2015, and how many points short of the last unit that has it?
with standing as (
  select *
  from open.总分排名
  where 年度 = 2015
),

graded as (
  select 分组, 等次, min(组内名次) as 首名, max(组内名次) as 末名, min(总分) as 最低分
  from standing
  group by 分组, 等次
)

select s.分组, s.单位, s.组内名次, s.等次, a.等次 as 上一等次, a.最低分 - s.总分 as 差分
from standing as s
join graded as g on g.分组 = s.分组 and g.等次 = s.等次 and g.首名 = s.组内名次
join graded as a on a.分组 = s.分组 and a.末名 < s.组内名次
qualify row_number() over (partition by s.单位代码 order by a.末名 desc) = 1
order by s.分组, s.组内名次, s.单位
