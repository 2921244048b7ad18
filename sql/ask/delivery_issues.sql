-- At most $most errors and warnings of a delivery ($id): those without a row first, then by severity and place.
select sheet, row_number, column_name, issue_code, severity, message from meta.issue
where delivery_id = $id and severity <> 'info'
order by row_number is not null, severity, sheet, row_number, column_name, issue_code, message limit $most;
