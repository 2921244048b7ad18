-- Issues that follow from which parts are in force, and from what came back of returned files: written anew at
-- every build from parts, losers, vanished keys and returned rows.
delete from meta.issue
where issue_code in ('slot_tie', 'part_replaced', 'key_vanished', 'column_vanished', 'key_conflict_parts')
  or starts_with(issue_code, 'returned_');

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
select p.delivery_id, p.sheet, null, null, c.code, c.severity, c.message, p.part_id
from meta.part as p
join ref.issue as c on c.code = p.held
where p.held = 'slot_tie';

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
select p.delivery_id, p.sheet, null, null, c.code, c.severity,
  c.message || '（生效的是第' || n.delivery_id || '号报送）', p.part_id
from meta.part as p
join meta.part as n on n.part_id = p.replaced_by
join ref.issue as c on c.code = 'part_replaced';

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
select p.delivery_id, p.sheet, v.row_number, null, c.code, c.severity,
  c.message || '（生效的是第' || n.delivery_id || '号报送）', p.part_id
from meta.vanished as v
join meta.part as p on p.part_id = v.part_id
join meta.part as n on n.part_id = p.replaced_by
join ref.issue as c on c.code = 'key_vanished';

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
select p.delivery_id, p.sheet, null, v.column_name, c.code, c.severity,
  replace(c.message, '{column}', l.label) || '（生效的是第' || n.delivery_id || '号报送）', p.part_id
from meta.vanished_column as v
join meta.part as p on p.part_id = v.part_id
join meta.part as n on n.part_id = p.replaced_by
join ref.record_column as l on l.record = p.record and l.column_name = v.column_name
join ref.issue as c on c.code = 'column_vanished';

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
select p.delivery_id, p.sheet, l.row_number, null, c.code, c.severity,
  c.message || '（另一处：第' || w.delivery_id || '号报送' || coalesce('工作表' || nullif(w.sheet, ''), '')
    || '第' || l.winner_row_number || '行）', p.part_id
from meta.loser as l
join meta.part as p on p.part_id = l.part_id
join meta.part as w on w.part_id = l.winner_part_id
join ref.issue as c on c.code = 'key_conflict_parts'
where l.differs;

insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
with unasked as (
  select rowid as returned_id, unnest(unasked_columns) as column_name from meta.returned_row
)

select r.delivery_id, r.sheet, r.row_number, u.column_name, c.code, c.severity,
  replace(c.message, '{column}', coalesce(l.label, u.column_name, '')) || case
    when r.from_row_number is not null then '（原为第' || r.from_delivery_id || '号报送第' || r.from_row_number || '行）'
    when r.from_delivery_id is not null then '（原为第' || r.from_delivery_id || '号报送）'
    else '' end, r.part_id
from meta.returned_row as r
left join unasked as u on u.returned_id = r.rowid
left join meta.part as p on p.part_id = r.part_id
left join ref.record_column as l on l.record = p.record and l.column_name = u.column_name
join ref.issue as c on c.code = case
  when u.column_name is not null and r.outcome = 'column_missing' then 'returned_column_missing'
  when u.column_name is not null then 'returned_row_changed'
  when r.outcome = 'missing' then 'returned_row_missing'
  when r.outcome = 'new' then 'returned_row_new'
  when r.outcome = 'key_invalid' then 'returned_key_invalid'
  when r.outcome = 'unmatched' and r.delivery_id in (select delivery_id from meta.part) then 'returned_unmatched' end;
