-- Tables of two attached databases, `made` and `shown`, each with those of the two that have it; books stand apart.
select concat_ws('.', schema_name, table_name) as named, list(database_name order by database_name) as held_by
from duckdb_tables()
where database_name in ('made', 'shown') and schema_name <> 'book'
group by all
order by all;
