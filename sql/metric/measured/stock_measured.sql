-- Stocks on the last day of a period; a rate may have a contract's validity above and a register's roll below.
create or replace temporary table stock_measured as
select indicator_id, unit_code, period_id, category, sum(numerator) as numerator, sum(denominator) as denominator,
  sum(record_count) as record_count, sum(undecided_count) as undecided_count, sum(undecided_count) as rejected_count,
  sum(open_count) as open_count,
  sum(numerator_low) as numerator_low,
  case when count(*) = count(numerator_high) then sum(numerator_high) end as numerator_high,
  case when count(*) = count(denominator_high) then sum(denominator_high) end as denominator_high
from (
  select * from roll_measured
  union all by name
  select * from validity_measured
) as s
group by indicator_id, unit_code, period_id, category;
