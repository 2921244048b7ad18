-- One row per appeal about points: decided, or open (then with the points claimed, if any were named).
-- An appeal that names neither an indicator nor points is about the points of its item.
select ruling <> 'pending' as is_decided, unit_code as unit, item,
  case when ruling = 'pending' then claimed_points else ruled_points end as points,
  case when ruling = 'pending' then filed_on else ruled_on end as on_day,
  coalesce(reason, '') as reason, coalesce(document_no, '') as document_no, part_id, row_number
from current.appeal
where year = $year
  and (
    (ruling in ('upheld', 'partly') and ruled_points is not null)
    or (ruling = 'pending' and (claimed_points is not null or indicator is null))
  )
order by part_id, row_number
