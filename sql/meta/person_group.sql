-- How many of its grouped columns a person's row may show (the temporary table person_said: the unit and what figures count
-- by, `root`; the grouped columns in their order, `said`; the persons who have that). From left to right a group is divided by
-- its next column where every part that comes of it, and the rest, has at least five persons; parts of fewer are the rest,
-- and so is the smallest of the others where the rest alone would have fewer.
create or replace temporary table person_shown as
with recursive
person (part_id, root, said, persons, shown, is_divided) as (
  select part_id, root, said, persons, 0, true from person_said
  union all
  select d.part_id, d.root, d.said, d.persons, if(d.goes_on, d.shown + 1, d.shown) as shown, d.goes_on
  from (
    select r.*, r.of_part >= 5
      and not (coalesce(r.rest, 0) between 1 and 4 and r.said[r.shown + 1] is not distinct from r.smallest) as goes_on
    from (
      select p.*, sum(p.persons) filter (p.of_part < 5) over one as rest,
        first_value(p.said[p.shown + 1]) over (one order by p.of_part < 5, p.of_part, p.said[p.shown + 1] nulls first) as smallest
      from (
        select *, sum(persons) over (partition by part_id, root, said[1:shown], said[shown + 1]) as of_part
        from person
        where is_divided and shown < len(said)
      ) as p
      window one as (partition by p.part_id, p.root, p.said[1:p.shown])
    ) as r
  ) as d
)

select part_id, root, said, persons, max(shown) as shown from person
group by all;

insert into meta.person_group
select s.part_id, sum(s.persons) as persons, sum(s.persons) filter (s.as_written = 1) as alone, sum(s.persons) filter (s.as_written < 5) as few,
  sum(s.persons) filter (s.as_shown = 1) as alone_shown, sum(s.persons) filter (s.as_shown < 5) as few_shown
from (
  select part_id, persons, persons as as_written,
    if(shown = 0 and len(root) = 1, null, sum(persons) over (partition by part_id, root, said[1:shown])) as as_shown
  from person_shown
) as s
group by s.part_id;
