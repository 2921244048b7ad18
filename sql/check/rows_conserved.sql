-- one row per part whose rows are not all accounted for
select part_id, rows_read, rows_accepted, rows_rejected, rows_duplicate, rows_ignored
from meta.part
where rows_read <> rows_accepted + rows_rejected + rows_duplicate + rows_ignored;
