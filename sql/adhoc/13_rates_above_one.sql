-- 哪些比率超过100%？为什么？
-- Which rates are above 100 %, and by what definition? They are published as they are.
select 单位, 时期, 指标, 数值, 说明
from open.指标提示
order by 数值 desc, 单位, 时期
