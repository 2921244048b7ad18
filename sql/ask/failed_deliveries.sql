-- Deliveries that ended by a fault of ours or at a limit of the machine, or not whole, and are still asked about.
select delivery_id, list(distinct issue_code order by issue_code) as codes
from meta.issue
where issue_code in ('reader_failed', 'rows_unaccounted', 'cells_unaccounted', 'workbook_crashed', 'workbook_timeout')
  and state = 'open'
group by delivery_id
order by delivery_id;
