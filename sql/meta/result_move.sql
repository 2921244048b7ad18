-- How the result of a unit in a year differs from that of the publication before, attached as `before`, and why: by data, target,
-- scheme, a decision, or because others moved. Of a year in which nothing differs, what the publication before said of it stays.
delete from meta.result_move;

insert into meta.result_move by name
with result as (
  select year, unit_code, b.total_points as points_before,
    n.total_points as points_now, b.overall_rank as overall_rank_before, n.overall_rank as overall_rank_now, b.grade as grade_before,
    n.grade as grade_now, n.bonus_points - b.bonus_points as bonus_moved, b.deduction_points - n.deduction_points as deduction_moved,
    ((b.total_points, b.overall_rank, b.grade) is distinct from (n.total_points, n.overall_rank, n.grade)) as differs
  from before.assess.result as b
  full join assess.result as n using (year, unit_code)
),

differing as (
  select distinct year from result
  where differs
),

decision_now as (
  select year, unit_code, item_id, indicator_id, kind, amount, after, document_no from assess.adjustment
),

decision_before as (
  select year, unit_code, item_id, indicator_id, kind, amount, after, document_no from before.assess.adjustment
),

decided as (
  (
    from decision_now
    except all
    from decision_before
  )
  union all
  (
    from decision_before
    except all
    from decision_now
  )
),

item as (
  select n.year, n.unit_code, n.item_id, n.indicator_id, i.label as matter, coalesce(n.points, 0) - coalesce(b.points, 0) as moved,
    case
      when b.unit_code is null then '办法有变'
      when (n.target is distinct from b.target) then '目标有变'
      when (n.full_points is distinct from b.full_points) or (n.rule is distinct from b.rule) then '办法有变'
      when (n.actual is distinct from b.actual) or (n.state is distinct from b.state) then '数据有变'
      when (s.fingerprint is distinct from t.fingerprint) then '办法有变'
      else '其他单位的数据有变'
    end as why
  from assess.item_score as n
  join ref.item as i on i.year = n.year and i.item_id = n.item_id
  join ref.scheme as s on s.year = n.year
  left join before.ref.scheme as t on t.year = n.year
  left join before.assess.item_score as b on b.year = n.year and b.unit_code = n.unit_code and b.item_id = n.item_id
  where n.is_leaf and coalesce(n.points, 0) <> coalesce(b.points, 0)
),

reason as (
  select i.year, i.unit_code, i.matter, i.moved, if(count(d.year) > 0, '核定或裁定有变', any_value(i.why)) as why
  from item as i
  left join decided as d on d.year = i.year and d.unit_code = i.unit_code and (d.item_id = i.item_id or d.indicator_id = i.indicator_id)
  group by i.year, i.unit_code, i.item_id, i.matter, i.moved
  union all by name
  select year, unit_code, '加分' as matter, bonus_moved as moved, '加分事项有变' as why from result
  where bonus_moved <> 0
  union all by name
  select year, unit_code, '扣分' as matter, deduction_moved as moved, '扣分事项有变' as why from result
  where deduction_moved <> 0
),

ranked as (
  select *, row_number() over (partition by year, unit_code order by abs(moved) desc, matter) as place
  from reason
),

told as (
  select year, unit_code,
    string_agg(
      concat(matter, if(moved > 0, '＋', '－'), cast(half_up(cast(abs(moved) as decimal(18, 6)), 1, 2) as decimal(18, 2)), '分（', why, '）'),
      '；' order by place
    ) filter (where place <= 3) as reasons
  from ranked
  group by all
)

select r.year, r.unit_code, e.last_received_at as since, r.points_before, r.points_now, r.overall_rank_before, r.overall_rank_now, r.grade_before,
  r.grade_now, if(r.points_now is null or r.points_before is null, '参评单位有变', coalesce(t.reasons, '其他单位的得分有变')) as reasons
from result as r
cross join before.meta.run as e
left join told as t on t.year = r.year and t.unit_code = r.unit_code
where r.differs
union all by name
select year, unit_code, since, points_before, points_now, overall_rank_before, overall_rank_now, grade_before, grade_now, reasons
from before.meta.result_move
where year not in (select year from differing);
