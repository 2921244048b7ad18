-- One row per decision about a figure of the year: verified, reduced by a spot check, ruled on appeal, or under appeal.
-- An appeal that was rejected or withdrawn changes nothing.
select 'verified' as kind, unit_code as unit, indicator, verified as amount, verified_on as on_day,
  coalesce(reason, '') as reason, coalesce(document_no, '') as document_no, part_id, row_number
from current.verified_figure
where year = $year
union all
select 'spot_check', unit_code, indicator, reduction, checked_on, reason, document_no, part_id, row_number
from current.spot_check
where year = $year
union all
select 'ruled', unit_code, indicator, ruled_figure, ruled_on, coalesce(reason, ''), coalesce(document_no, ''), part_id,
  row_number
from current.appeal
where year = $year and ruling in ('upheld', 'partly') and ruled_figure is not null
union all
select 'appealed', unit_code, indicator, claimed_figure, filed_on, coalesce(reason, ''), coalesce(document_no, ''), part_id,
  row_number
from current.appeal
where year = $year and ruling = 'pending' and indicator is not null
order by part_id, row_number, kind
