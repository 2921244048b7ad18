"""Words for the warehouse: a Chinese label and an English description on every table, view and column,
and `open` views of the records with Chinese column names.

Written after building, because `create or replace` drops comments. Labels of record columns come from
the contracts; those of the fixed tables from `sql/meta/comment.csv`, where a missing line is an error.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT
from flows.contract.record import Record
from flows.database.connect import literal

#: Chinese names that every `open` view of records has beside those of its columns.
OPEN_ADDRESS = ("单位", "截至日期", "报送编号", "工作表", "行号")

_SCHEMAS = ("ref", "core", "current", "metric", "assess", "book", "open", "meta")

#: A table of `book` is one of these as it was when its year was closed, and has its words.
_BOOKED = ("assess", "ref", "metric", "meta")

_Words = Mapping[tuple[str, str, str], str]


class _Undescribed(RuntimeError):
    """Tables or columns without a line in `sql/meta/comment.csv`."""


def describe(con: duckdb.DuckDBPyConnection, kinds: Mapping[str, Record], root: Path = ROOT) -> None:
    """Comment every table, view and column of the build; raises `_Undescribed` for what has no words.

    Only what has no comment yet, or another one, is written: a thousand statements take a second and a half.
    """
    for record in kinds.values():
        con.execute(_open_view(record))
    words = dict(_fixed_words(root))
    for record in kinds.values():
        words.update(_record_words(record))
    columns = con.execute(
        "select schema_name, table_name, column_name, comment from duckdb_columns() "
        f"where schema_name in {_SCHEMAS} and database_name = current_database() order by all"
    ).fetchall()
    relations = con.execute(
        f"select schema_name, table_name, 'table', comment from duckdb_tables() where schema_name in {_SCHEMAS} and not temporary "
        f"union all select schema_name, view_name, 'view', comment from duckdb_views() where schema_name in {_SCHEMAS} and not temporary"
    ).fetchall()
    missing = []
    for schema, table, kind, comment in relations:
        text = _table_words(words, schema, table)
        if text is None:
            missing.append(f"{schema}.{table}")
        elif text != comment:
            con.execute(f'comment on {kind} {schema}."{table}" is {literal(text)}')
    for schema, table, column, comment in columns:
        text = _column_words(words, schema, table, column)
        if text is None:
            missing.append(f"{schema}.{table}.{column}")
        elif text != comment:
            con.execute(f'comment on column {schema}."{table}"."{column}" is {literal(text)}')
    if missing:
        raise _Undescribed("no line in sql/meta/comment.csv for: " + ", ".join(missing))


def words_of(schema: str, table: str, column: str = "") -> str:
    """What `sql/meta/comment.csv` says of a relation or a column; `_Undescribed` where it says nothing."""
    words = dict(_fixed_words())
    text = _column_words(words, schema, table, column) if column else _table_words(words, schema, table)
    if text is None:
        raise _Undescribed(f"no line in sql/meta/comment.csv for: {schema}.{table} {column}")
    return text


def _table_words(words: _Words, schema: str, table: str) -> str | None:
    text = words.get((schema, table, ""))
    if text is None and schema == "book":
        here = next((t for s in _BOOKED if (t := words.get((s, table, "")))), _OLD_TABLE)
        label, _, english = here.partition(" | ")
        return f"{label}（结账） | As it was when the year was closed: {english}"
    return text


def _column_words(words: _Words, schema: str, table: str, column: str) -> str | None:
    text = words.get((schema, table, column)) or words.get((schema, "*", column))
    if text is None and schema == "book" and (schema, table, "") not in words:
        booked = (_column_words(words, s, table, column) for s in _BOOKED if (s, table, "") in words)
        return next(filter(None, booked), _OLD_COLUMN)
    return text or words.get(("*", "*", column))


#: What older code closed stays, also where today's tables know nothing of it.
_OLD_TABLE = "旧版表 | A table that older code had."
_OLD_COLUMN = "旧版列 | A column that older code had."


def _fixed_words(root: Path = ROOT) -> Iterator[tuple[tuple[str, str, str], str]]:
    """((schema, table, column or ''), comment) of the tables that do not come from contracts; `*` is any."""
    with (root / "sql" / "meta" / "comment.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield (row["schema"], row["table"], row["column"] or ""), f"{row['label']} | {row['description']}"


def _record_words(record: Record) -> Iterator[tuple[tuple[str, str, str], str]]:
    """The same for the tables and views of one record kind."""
    for schema, suffix, english in (
        ("core", "（全部数据行）", "every data row of every part"),
        ("current", "（生效记录）", "accepted rows of parts in force, each key once"),
    ):
        yield (schema, record.record, ""), f"{record.label}{suffix} | {record.description} Here: {english}."
    yield (
        ("open", record.label, ""),
        f"{record.label} | {record.description} Chinese column names over current.{record.record}.",
    )
    for name, _, column in record.stored_columns:
        if column is None:
            continue
        text = f"{column.label}{_note(name, column.name)} | {column.description}"
        for schema in ("core", "current"):
            yield (schema, record.record, name), text
        yield ("open", record.label, open_name(name, column.label, column.name)), text


def open_name(stored: str, label: str, column: str) -> str:
    """Chinese column name of a stored column in the `open` view."""
    return label + _note(stored, column)


def _note(stored: str, column: str) -> str:
    """What tells a stored column from the cell it came from: start, end, key, year."""
    for suffix, note in (
        ("_from_on", "起"),
        ("_to_on", "止"),
        ("_key", "（假名键）"),
        ("_decade", "（年代）"),
    ):
        if stored.endswith(suffix) and stored != column:
            return note
    return ""


def _open_view(record: Record) -> str:
    """`open.<label>`: current rows with Chinese column names, codes spelled out, and their address."""
    chosen, joins = [], []
    unit = "c.unit_code"
    for name, _, column in record.stored_columns:
        if column is None or column.name == "unit_code":
            continue
        label = open_name(name, column.label, column.name)
        if column.list is not None:
            alias = f"r_{name}"
            joins.append(
                f"left join ref.code as {alias} on {alias}.list = '{column.list}' and {alias}.code = c.\"{name}\""
            )
            chosen.append(f'coalesce({alias}.label, c."{name}") as "{label}"')
        else:
            chosen.append(f'c."{name}" as "{label}"')
    return f"""create view if not exists open."{record.label}" as
select u.name as 单位, {", ".join(chosen)}{", c.snapshot_on as 截至日期" if record.snapshot else ""},
  d.delivery_id as 报送编号, p.sheet as 工作表, c.row_number as 行号
from current.{record.record} as c
left join ref.unit as u on u.unit_code = {unit}
left join meta.part as p on p.part_id = c.part_id
left join meta.delivery as d on d.delivery_id = p.delivery_id
{chr(10).join(joins)}"""
