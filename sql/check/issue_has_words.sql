-- one row per issue code that has no message of its own
select distinct issue_code
from meta.issue
where message is null or message = '' or message = issue_code;
