-- What keeps a year ($year) from being final, by unit (NULL: the office's own).
select 单位代码 as unit_code, 级别 as severity, 项目 as item, 说明 as message
from open.考核待办
where 年度 = $year
order by unit_code nulls first, severity, item, message
