-- Appeals beside the preview they object to.
create or replace view open.异议 as
select a.year as 年度, u.name as 单位, a.item as 项目, a.preview as 预览编号, p.closed_on as 资料截至, p.until as 异议截止, a.filed_on as 申诉日期,
  case
    when a.preview is null then '未写预览编号'
    when p.year is null then '无此预览'
    when a.filed_on > p.until then '逾期'
    else '在期限内'
  end as 核对,
  c.label as 裁定, d.name as 文件, t.sheet as 工作表, a.row_number as 行号, a.unit_code as 单位代码
from current.appeal as a
join ref.unit as u on u.unit_code = a.unit_code
left join book.preview as p on p.year = a.year and p.number = a.preview
left join ref.code as c on c.list = 'appeal_ruling' and c.code = a.ruling
left join meta.part as t on t.part_id = a.part_id
left join meta.delivery as d on d.delivery_id = t.delivery_id
where a.preview is not null or list_contains((select list(year) from book.preview), a.year)
