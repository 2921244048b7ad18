-- Problems of the reader or of rows (the view `problem`) become issues, with severity and message.
insert into meta.issue by name
select p.delivery_id, p.sheet, p.row_number, p.column_name, p.issue_code,
  case when p.severity is not null then p.severity
    when c.severity = 'error' and not coalesce(l.rejects, true) then 'warning'
    else coalesce(r.severity, c.severity, 'error') end as severity,
  coalesce('第' || p.record_column || '列：', '') || coalesce(
    r.message,
    replace(
      replace(
        replace(
          replace(c.message, '{column}', coalesce(l.label, p.column_name, '')),
          '{hint}', coalesce('；疑似“' || p.hint || '”', '')
        ),
        '{place}', coalesce(p.hint, '')
      ),
      '{header}', coalesce('“' || p.header || '”', '')
    ),
    p.issue_code
  ) as message, p.part_id
from problem as p
left join ref.issue as c on c.code = p.issue_code
left join ref.check_issue as r on r.record = p.record and r.code = p.issue_code
left join ref.record_column as l on l.record = p.record and l.column_name = p.column_name;
