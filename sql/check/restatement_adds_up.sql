-- differences whose parts do not add up to them, and units whose items, bonus, deductions and rest do not add up to what a factor moved
-- of the total
with told as (
  select 'now' as shown_in, * from meta.restatement
  union all by name
  select concat(coalesce('edition ' || edition, 'preview ' || preview)) as shown_in, * exclude (edition, preview) from book.restatement
),

unit as (
  select shown_in, year, unit_code,
    [sum(if(kind = 'total', by_data, if(item_id is not null or kind in ('bonus', 'deduction', 'other'), -by_data, 0))),
      sum(if(kind = 'total', by_target, if(item_id is not null or kind in ('bonus', 'deduction', 'other'), -by_target, 0))),
      sum(if(kind = 'total', by_scheme, if(item_id is not null or kind in ('bonus', 'deduction', 'other'), -by_scheme, 0))),
      sum(if(kind = 'total', by_decision, if(item_id is not null or kind in ('bonus', 'deduction', 'other'), -by_decision, 0))),
      sum(if(kind = 'total', by_code, if(item_id is not null or kind in ('bonus', 'deduction', 'other'), -by_code, 0)))] as left_over
  from told
  group by all
)

select shown_in, year, unit_code, label, after - before as differs, by_data + by_target + by_scheme + by_decision + by_code as split
from told
where after - before <> by_data + by_target + by_scheme + by_decision + by_code
union all
select shown_in, year, unit_code, '总分', null, null
from unit
where list_contains(list_transform(left_over, lambda x: coalesce(x, 0) <> 0), true);
