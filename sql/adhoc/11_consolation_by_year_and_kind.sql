-- 永川区历年慰问金按慰问类别各多少？每人次平均多少元？
-- Consolation money of Yongchuan by year and kind of beneficiary, and the mean per visit to needy workers.
select p.label as 年度, coalesce(b.label, '合计') as 慰问类别, v.value as 慰问金元,
  case when v.category = 'needy' then half_up(v.value, n.value, 2) end as 每人次元
from metric.value as v
join ref.period as p on p.period_id = v.period_id
left join ref.code as b on b.list = 'beneficiary_kind' and b.code = v.category
left join metric.value as n on n.unit_code = v.unit_code and n.period_id = v.period_id
  and n.indicator_id = 'consolation_visits' and n.category is null
where v.unit_code = 'yongchuan' and v.indicator_id = 'consolation_money_yuan' and regexp_full_match(v.period_id, '20[0-9]{2}')
order by p.from_on, 慰问类别
