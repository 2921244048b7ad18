/* ---
indicator: rights_amount_yuan
label: 调解与法律援助标的额
unit: 元
shape: sum
direction: up
record: legal_aid
reads: [legal_aid, mediation]
counts: amounts in dispute of mediated cases with an agreement and of aid cases, each dispute once — an aid case that continues a counted mediation case adds nothing
basis: 达成协议的调解案件与法律援助案件标的额之和；同一争议只计一次，承接已计调解案件的援助不再计（两种读法之一）
--- */
select unit_code, closed_on as event_date, amount_claimed_yuan as numerator, part_id, row_number
from current.mediation
where result = 'agreed'
union all
select a.unit_code, a.accepted_on as event_date, a.amount_claimed_yuan as numerator, a.part_id, a.row_number
from current.legal_aid as a
where a.aid_kind <> 'consultation'
  and not exists (
    select 1 from current.mediation as m
    where m.unit_code = a.unit_code and m.case_no = a.mediation_case_no
      and m.case_year = coalesce(a.mediation_year, a.case_year) and m.result = 'agreed'
  )
