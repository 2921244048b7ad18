-- Which part of which delivery counts: per slot (sender, record, covered period) the latest received that is
-- neither withdrawn nor held back. Different files of one moment for one slot are a tie: all are held back.
-- Equal bytes are no tie, the first by name counts. Pastes into a shell; leaves the temporary table `changed_part`.
create or replace temporary table part_before as
select part_id, in_force, replaced_by from meta.part;

create or replace temporary table slot_choice as
with
eligible as (
  select p.part_id, p.delivery_id, d.sender, p.record, p.covers_from, p.covers_to, d.received_at, d.sha256, d.name
  from meta.part as p
  join meta.delivery as d using (delivery_id)
  where d.withdrawn_at is null and d.sender is not null and coalesce(p.held, 'slot_tie') = 'slot_tie'
),

moment as (
  select sender, record, covers_from, covers_to, received_at,
    count(distinct sha256) > 1 as is_tied, arg_min(delivery_id, (name, delivery_id)) as delivery_id
  from eligible
  group by all
),

chosen as (
  select sender, record, covers_from, covers_to, arg_max(delivery_id, received_at) as delivery_id
  from moment
  where not is_tied
  group by sender, record, covers_from, covers_to
),

first_part as (
  select e.sender, e.record, e.covers_from, e.covers_to, min(e.part_id) as part_id
  from eligible as e
  join chosen as c
    on c.sender = e.sender and c.record = e.record and c.covers_from = e.covers_from
    and c.covers_to = e.covers_to and c.delivery_id = e.delivery_id
  group by e.sender, e.record, e.covers_from, e.covers_to
)

select e.part_id, m.is_tied, coalesce(c.delivery_id = e.delivery_id, false) as in_force,
  case when not m.is_tied and c.delivery_id <> e.delivery_id then f.part_id end as replaced_by
from eligible as e
join moment as m
  on m.sender = e.sender and m.record = e.record and m.covers_from = e.covers_from
  and m.covers_to = e.covers_to and m.received_at = e.received_at
left join chosen as c
  on c.sender = e.sender and c.record = e.record and c.covers_from = e.covers_from and c.covers_to = e.covers_to
left join first_part as f
  on f.sender = e.sender and f.record = e.record and f.covers_from = e.covers_from and f.covers_to = e.covers_to;

update meta.part as p
set in_force = coalesce(s.in_force, false),
  replaced_by = s.replaced_by,
  held = case when s.is_tied then 'slot_tie' when p.held = 'slot_tie' then null else p.held end
from (select p2.part_id, s2.in_force, s2.replaced_by, s2.is_tied
  from meta.part as p2 left join slot_choice as s2 on s2.part_id = p2.part_id) as s
where s.part_id = p.part_id;

create or replace temporary table changed_part as
select p.part_id, p.record, p.in_force, p.replaced_by
from meta.part as p
left join part_before as b on b.part_id = p.part_id
where p.in_force is distinct from b.in_force or p.replaced_by is distinct from b.replaced_by;
