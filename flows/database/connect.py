"""Open the build for writing and a published file for reading; run SQL files; write small tables.

Every connection of the package is made here, so that limits of memory, the folder of spill files and the storage format
are said once. An error in a SQL file names the file. Rows go into a table by the names of its columns, never by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.language import _

#: Peak memory of a load is bounded by the product (1.25 GiB for 5M rows), not by the machine.
LOAD_MEMORY = "700MB"
#: Telling persons apart over all rolls in force keeps one entry per person and roll.
METRIC_MEMORY = "3GB"
#: Oldest DuckDB that can open what is written; older ones refuse it. The format of 1.3 that was written before, 1.3 itself opened and
#: answered wrongly from, without a word. Both have the string compression that makes writing member rolls a third cheaper.
STORAGE_VERSION = "v1.4.0"


class NoWarehouse(RuntimeError):
    """There is no published warehouse yet."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            _("no warehouse at {file}: run `union-assessment run --year YEAR --inbox DIR`", file=file)
        )


@contextmanager
def open_build(
    paths: Paths, as_of: datetime | None = None, memory: str = LOAD_MEMORY
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database, opened for writing; its spill files stay inside the vault's closed folder."""
    paths.temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_for_writing(paths.build_file(as_of)) as con:
        con.execute(f"set memory_limit = '{memory}'")
        con.execute(f"set temp_directory = {literal(str(paths.temporary))}")
        con.execute("set preserve_insertion_order = false")
        # A list of words becomes a join in DuckDB: the INSERT of unions would start 124 of them, 7 CPU s for no row.
        con.execute("set disabled_optimizers = 'in_clause'")
        yield con


@contextmanager
def open_for_writing(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database file in the product's storage format; made where there is none."""
    con = duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE_VERSION})
    try:
        con.execute("set enable_progress_bar = false")
        yield con
    finally:
        con.close()


def is_in_format(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open file is in the product's storage format: one that was made in another keeps that for ever."""
    [(tags,)] = con.execute(
        "select tags from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return str(tags.get("storage_version", "")).startswith(STORAGE_VERSION)


@contextmanager
def open_published(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file (or a finished build), read-only; `NoWarehouse` where there is none."""
    if not file.exists():
        raise NoWarehouse(file)
    con = duckdb.connect(str(file), read_only=True)
    try:
        con.execute("set enable_progress_bar = false")
        yield con
    finally:
        con.close()


@contextmanager
def open_scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, gone with the block."""
    con = duckdb.connect()
    try:
        con.execute("set enable_progress_bar = false")
        yield con
    finally:
        con.close()


def is_trouble(error: duckdb.Error) -> bool:
    """Whether an error is of the machine (memory, a lock, the right to open a file), so that the database may be sound."""
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.InterruptException):
        return True
    return any(words in str(error) for words in _REFUSED)  # a commit fails as a TransactionException


_REFUSED = ("set lock", "Cannot open file", "No space left", "Permission denied", "Too many open files")


def attach_read_only(con: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Attach another file under a name, read-only."""
    con.execute(f"attach {literal(str(file))} as {name} (read_only)")


def literal(text: str) -> str:
    """`text` as a SQL string: a path with a quote in it is a path."""
    return "'" + text.replace("'", "''") + "'"


def sql_text(folder: str, name: str) -> str:
    """The text of `sql/<folder>/<name>.sql`."""
    return (ROOT / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")


def run_file(
    con: duckdb.DuckDBPyConnection, path: Path, parameters: Mapping[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run every statement of a SQL file, the last one's rows to be fetched; an error names the file."""
    try:
        return con.execute(path.read_text(encoding="utf-8"), parameters)
    except duckdb.Error as error:
        raise RuntimeError(f"{path.name}: {error}") from error


def write_table(
    con: duckdb.DuckDBPyConnection, name: str, schema: Mapping[str, str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Create (or replace) a table of few rows; `schema` maps column to DuckDB type, in order."""
    con.execute(f"create or replace table {name} ({', '.join(f'{c} {t}' for c, t in schema.items())})")
    insert_rows(con, name, tuple(schema), rows)


def insert_named(con: duckdb.DuckDBPyConnection, name: str, lines: Sequence[Mapping[str, object]]) -> None:
    """Append rows that are mappings with the same columns each."""
    if lines:
        insert_rows(con, name, tuple(lines[0]), [tuple(line.values()) for line in lines])


def insert_rows(
    con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Append rows in one statement, by column name; executemany takes half a second per thousand."""
    lines = list(rows)
    if lines:
        values = zip(*lines, strict=True)
        con.register("lines", pa.table({c: pa.array(list(v)) for c, v in zip(columns, values, strict=True)}))
        named = ", ".join(f'"{c}"' for c in columns)
        con.execute(f"insert into {name} ({named}) select {named} from lines")
        con.unregister("lines")
