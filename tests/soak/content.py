"""The content of a published file as one fingerprint per table, whatever the order and number of its deliveries."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.golden import LEFT_OUT

_DELIVERY = ("delivery_id", "from_delivery_id")
_PART = ("part_id", "replaced_by", "winner_part_id")


def contents(file: Path) -> dict[str, str]:
    """Table → rows and a sum of hashes."""
    out = {}
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("set threads = 1")
        con.execute(
            "create temporary macro address(id) as "
            "(select any_value(line) from (select delivery_id as number, concat_ws('/', sender, received_at, name) as line "
            "from meta.delivery) where number = id)"
        )
        tables = con.execute(
            "select schema_name, table_name, list((column_name, data_type) order by column_name) from duckdb_columns() "
            "semi join duckdb_tables() using (database_name, schema_name, table_name) "
            "where database_name = current_database() group by all order by all"
        ).fetchall()
        for schema, table, columns in tables:
            left_out = LEFT_OUT.get((schema, table), set())
            listed = [_named(c, kind) for c, kind in columns if c not in left_out]
            if listed:
                query = (
                    f'select count(*), coalesce(sum(hash({", ".join(listed)})), 0) from "{schema}"."{table}"'
                )
                out[f"{schema}.{table}"] = "{} {}".format(*con.execute(query).fetchall()[0])
    return out


def _named(column: str, kind: str) -> str:
    if column in _DELIVERY:
        return f'address("{column}")'
    if column in _PART:
        return f'concat(address("{column}" // 1000), "{column}" % 1000)'
    if column == "parts":
        return f'list_sort(list_transform("{column}", p -> p % 1000))'
    if kind == "VARCHAR":  # 第12号
        return f"regexp_replace(\"{column}\", '第[0-9]+号', '第号', 'g')"
    return f'"{column}"'


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names of tables that differ, sorted."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
