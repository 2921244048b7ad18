-- At most $most open errors and warnings of a delivery ($id): those without a row first, then by severity and place;
-- a fault of our reader is not the sender's to mend.
select sheet, row_number, column_name, issue_code, severity, message from meta.issue
where delivery_id = $id and severity <> 'info' and state = 'open' and issue_code <> 'reader_failed'
order by row_number is not null, severity, sheet, row_number, column_name, issue_code, message limit $most;
