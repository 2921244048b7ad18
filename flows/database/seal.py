"""The seal of a build: rows and sum of hashes of each of its tables, renewed in the transaction that changed them.

Between two steps nobody has anything to write in a build: where its tables are not what the last step left, a block is
bad, a hand was in it, or other code made it. Reading all of it costs half a second for two million rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from flows.database.connect import insert_rows

#: Schemas whose tables are sealed; books are held against their own hashes.
SEALED = ("core", "ref", "meta", "metric", "assess")
#: What tells runs apart, what every publication makes anew, and the seal itself.
_LEFT_OUT = (("meta", "run"), ("meta", "seal"), ("meta", "restatement"))


def seal(con: duckdb.DuckDBPyConnection, *schemas: str) -> None:
    """Renew the seals of all tables of some schemas, in the caller's transaction."""
    found = _contents(con, schemas)
    con.execute("delete from meta.seal where list_contains($s, split_part(name, '.', 1))", {"s": schemas})
    insert_rows(con, "meta.seal", ("name", "content"), sorted(found.items()))


def broken_seals(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables that are not what they were sealed as, sorted; a build without seals has a broken one."""
    sealed = dict(con.execute("select name, content from meta.seal").fetchall())
    if not sealed:
        return ["meta.seal"]
    found = _contents(con, SEALED)
    return sorted(name for name in sealed.keys() | found.keys() if sealed.get(name) != found.get(name))


def _contents(con: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> dict[str, str]:
    """Table → its columns, number of rows and the sum of their hashes, whatever their order."""
    tables = con.execute(
        "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns() "
        "semi join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = current_database() and list_contains($s, schema_name) group by all",
        {"s": schemas},
    ).fetchall()
    out = {}
    for schema, table, columns in tables:
        if (schema, table) not in _LEFT_OUT:
            listed = ", ".join(f'"{c}"' for c in columns)
            query = f'select count(*), coalesce(sum(hash({listed})), 0) from "{schema}"."{table}"'
            [(rows, total)] = con.execute(query).fetchall()
            out[f"{schema}.{table}"] = f"{len(columns)} {rows} {total % 2**64:016x}"
    return out
