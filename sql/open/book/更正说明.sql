-- What each edition and preview changed beside the one before it, and the published warehouse beside the publication before: per unit and
-- matter, split so that it adds up. Grades are numbers of the scheme's list, places and they fall when they get better.
create or replace view open.更正说明 as
with told as (
  select if(edition is null, concat(year, '-预', preview), concat(year, '-', edition)) as shown_in, * exclude (edition, preview)
  from book.restatement
  union all by name
  select '最近发布' as shown_in, * replace ('上次发布' as against)
  from meta.restatement
)

select t.year as 年度, t.shown_in as 版本, t.against as 对照版本, u.name as 单位, t.label as 事项, t.before_label as 原, t.after_label as 现,
  t.before as 原数, t.after as 现数, t.after - t.before as 差额, t.by_data as 数据, t.by_target as 目标, t.by_scheme as 办法,
  t.by_decision as 核定裁定, t.by_code as 程序, t.reasons as 原因, t.gone as 不再计入的报送, t.came as 新计入的报送,
  t.unit_code as 单位代码, t.kind as 事项类别, t.item_id as 项目代码
from told as t
join ref.unit as u on u.unit_code = t.unit_code
