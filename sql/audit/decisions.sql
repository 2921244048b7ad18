-- What was decided about a unit's figure of an indicator, in the order in which it applies, or about its points for an item.
select kind, part_id, row_number, amount, before, after, coalesce(reason, '') as reason,
  coalesce(document_no, '') as document_no
from assess.adjustment
where year = $year and unit_code = $unit
  and case when kind = 'ruled_points' then item_id = $item
    else kind in ('verified', 'spot_check', 'ruled_figure') and indicator_id = $indicator end
order by list_position(['verified', 'spot_check', 'ruled_figure', 'ruled_points'], kind), part_id, row_number
