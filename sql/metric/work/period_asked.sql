-- The spans of days that are asked about. In a shell first, for instance:
-- set variable periods = [{'period_id': '2015', 'first_on': date '2015-01-01', 'last_on': date '2015-12-31'}];
create or replace temporary table period_asked as
select unnest(coalesce(getvariable('periods'), error('first: set variable periods = [{period_id, first_on, last_on}]')), max_depth := 2);
