-- Every day of every period asked about.
create or replace temporary table period_day as
select period_id, cast(unnest(generate_series(first_on, last_on, interval 1 day)) as date) as on_day
from period_asked;
