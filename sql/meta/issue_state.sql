-- What has become of every issue: withdrawn with its delivery; closed, where its row came back right; answered, where a
-- later part took the place of the one it is about, or a later file that of its file; open otherwise. Judged anew at
-- every build from parts in force, withdrawals and returned rows, so that nothing remembers what no longer holds.
create or replace temporary table followed as
-- the file came again: under its name, with the keys of the rows that had gone back, or in the folder of a unit
select d.delivery_id
from meta.delivery as d
join meta.delivery as e on e.sender = d.sender and e.name = d.name and e.received_at > d.received_at
where e.withdrawn_at is null
union
select r.from_delivery_id
from meta.returned_row as r
join meta.delivery as e on e.delivery_id = r.delivery_id
where r.from_delivery_id is not null and e.withdrawn_at is null
union
select d.delivery_id
from meta.delivery as d
join meta.delivery as e on e.sha256 = d.sha256
where d.sender is null and e.sender is not null and e.withdrawn_at is null;

create or replace temporary table answered_part as
-- a part that was held back has no period, or none that ever counted: its successor is known by slot or by file
select p.part_id, p.delivery_id
from meta.part as p
join meta.delivery as d on d.delivery_id = p.delivery_id
where p.replaced_by is not null
  or (not p.in_force and d.delivery_id in (select f.delivery_id from followed as f))
  or (not p.in_force and exists (
    select 1
    from meta.part_in_force as n
    where n.sender = d.sender and n.record = p.record and n.covers_from = p.covers_from
      and n.covers_to = p.covers_to and n.received_at > d.received_at
  ));

create or replace temporary table answered_delivery as
select f.delivery_id from followed as f
union
select p.delivery_id
from meta.part as p
left join answered_part as a on a.part_id = p.part_id
group by p.delivery_id
having bool_and(a.part_id is not null);

create or replace temporary table back as
-- rows of an earlier delivery that a file of this sender, which still stands, brought back or told of
select r.from_delivery_id as delivery_id, r.from_sheet as sheet, r.from_row_number as row_number,
  bool_or(r.outcome = 'closed') as is_closed
from meta.returned_row as r
join meta.delivery as e on e.delivery_id = r.delivery_id
where r.from_delivery_id is not null and e.withdrawn_at is null
group by r.from_delivery_id, r.from_sheet, r.from_row_number;

create or replace temporary table asked_again as
-- replaced parts that are not the last before the one in force: what the last one still had is asked of that alone
select distinct p.part_id
from meta.part as p
join meta.delivery as d on d.delivery_id = p.delivery_id
join meta.part as q on q.replaced_by = p.replaced_by
join meta.delivery as e on e.delivery_id = q.delivery_id
where e.received_at > d.received_at;

with now as (
  select j.rowid as issue_id,
    case when d.withdrawn_at is not null then 'withdrawn'
      when j.issue_code in ('key_vanished', 'column_vanished')
        then case when b.delivery_id is not null or g.part_id is not null then 'answered' else 'open' end
      when a.part_id is null and (j.part_id is not null or n.delivery_id is null) then 'open'
      when b.is_closed then 'closed'
      else 'answered' end as state
  from meta.issue as j
  join meta.delivery as d on d.delivery_id = j.delivery_id
  left join answered_part as a on a.part_id = j.part_id
  left join answered_delivery as n on n.delivery_id = j.delivery_id
  left join asked_again as g on g.part_id = j.part_id
  left join back as b
    on b.delivery_id = j.delivery_id and b.sheet = j.sheet and b.row_number is not distinct from j.row_number
)

update meta.issue as i
set state = now.state
from now
where now.issue_id = i.rowid and now.state <> i.state;
