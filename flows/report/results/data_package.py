"""The tables of a scored year for whoever cites them: `data/` with CSV, Parquet and a description of every column.

A Frictionless Data Package: `datapackage.json` names types, keys, hashes, and in Chinese and English what each column is, by
the comments of the warehouse. Rows about persons, single records, files and findings stay in the warehouse, and so do texts
that people wrote. Numbers are decimals to their last digit. Equal warehouses give equal bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from flows.contract.text import inert, visible
from flows.database.connect import literal, open_published

DESCRIPTOR = "datapackage.json"
#: Marks a CSV file as UTF-8 for spreadsheets.
BOM = "\ufeff"
_OF_YEAR = "year = $year"
_ALL = "$year is not null"
_CODES = ("assessment_grade", "value_state", "bonus_kind", "honour_level")


class _Table(NamedTuple):
    """A relation of the warehouse: which rows, by which columns a row is known, which columns name rows of other tables."""

    source: str
    rows: str = _OF_YEAR
    key: tuple[str, ...] = ()
    refers: Mapping[str, str] = {}
    without: tuple[str, ...] = ()  # what people wrote in words of their own, and matters of the code

    @property
    def name(self) -> str:
        return self.source.partition(".")[2]


_OF_UNIT = {"unit_code": "unit"}
_OF_FIGURE = _OF_UNIT | {"indicator_id": "indicator", "period_id": "period"}
_OF_ITEM = _OF_UNIT | {"item_id": "item", "indicator_id": "indicator"}
_TABLES = (
    _Table("assess.result", key=("year", "unit_code"), refers=_OF_UNIT),
    _Table("assess.item_score", key=("year", "unit_code", "item_id"), refers=_OF_ITEM),
    _Table("assess.figure", refers=_OF_FIGURE),
    _Table("assess.adjustment", refers=_OF_ITEM, without=("reason",)),
    _Table(
        "assess.bonus",
        key=("part_id", "row_number"),
        refers=_OF_UNIT | {"class_id": "bonus_class"},
        without=("matter",),
    ),
    _Table("assess.gate", refers=_OF_UNIT),
    _Table(
        "metric.value",
        "period_id in (from ref.period select period_id where year(from_on) = $year and year(to_on) = $year)",
        refers=_OF_FIGURE,
    ),
    _Table(
        "ref.target",
        key=("year", "unit_code", "indicator_id", "effective_on"),
        refers=_OF_UNIT | {"indicator_id": "indicator"},
    ),
    _Table("ref.scheme", key=("year",), without=("judged_by", "remarks", "text")),
    _Table("ref.item", key=("year", "item_id"), refers={"parent_id": "item", "indicator_id": "indicator"}),
    _Table("ref.bonus_class", key=("year", "class_id")),
    _Table("ref.unit_group", key=("year", "unit_code"), refers=_OF_UNIT),
    _Table("ref.unit", _ALL, key=("unit_code",), refers={"parent_code": "unit"}),
    _Table("ref.indicator", _ALL, key=("indicator_id",)),
    _Table("ref.period", _ALL, key=("period_id",)),
    _Table("ref.code", f"$year is not null and list in {_CODES}", key=("list", "code")),
)
_KEYS = {table.name: table.key for table in _TABLES}

_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DATE": "date",
    "VARCHAR": "string",
    "VARCHAR[]": "array",
}


class TableColumn(NamedTuple):
    """A column of a table that is handed out; `comment` is what the warehouse says of it."""

    name: str
    sql_type: str
    is_nullable: bool
    comment: str


def write_data_package(warehouse: Path, folder: Path, year: int, title: str) -> None:
    """Replace `folder` as a whole by the tables of a year; one that holds the same already is left alone."""
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    with open_published(warehouse) as con:
        resources = [r for table in _TABLES for r in _write_table(con, table, year, fresh)]
    described = {
        "profile": "data-package",
        "name": f"union-assessment-{year}",
        "title": title,
        "description": f"{year}年度考核的结果、指标、目标和所用名称；数值均为精确小数 | Results of {year}, exact decimals.",
        "resources": resources,
    }
    (fresh / DESCRIPTOR).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in fresh.iterdir():
        path.chmod(0o640)
    fresh.chmod(0o750)
    if _contents(folder) == _contents(fresh):
        shutil.rmtree(fresh)
        return
    before = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.replace(before)
    fresh.replace(folder)
    shutil.rmtree(before, ignore_errors=True)


def _contents(folder: Path) -> dict[str, bytes] | None:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else None


def _write_table(
    con: duckdb.DuckDBPyConnection, table: _Table, year: int, folder: Path
) -> Iterator[dict[str, Any]]:
    """Write both files of a table; what the package says of each."""
    schema, _, name = table.source.partition(".")
    columns = [c for c in columns_of(con, table.source) if c.name not in table.without]
    listed = ", ".join(f'"{c.name}"' for c in columns)
    select = f"select {listed} from {table.source} where {table.rows} order by all"
    [comment] = con.execute(
        "select comment from duckdb_tables() where schema_name = $schema and table_name = $name and database_name = current_database()",
        {"schema": schema, "name": name},
    ).fetchone() or [None]
    data = csv_of(con, columns, select, {"year": year})
    parquet = folder / f"{name}.parquet"
    con.execute(
        f"copy ({select}) to {literal(str(parquet))} (format parquet)".replace("$year", str(int(year)))
    )
    (folder / f"{name}.csv").write_bytes(data)
    label = _words(comment or name)
    about = {"name": name, **label, "path": f"{name}.csv", **_sums(data)}
    about |= {
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
    }
    yield about | {"schema": _schema(table, columns)}
    copy = {"name": f"{name}-parquet", **label, "path": parquet.name, **_sums(parquet.read_bytes())}
    yield copy | {
        "type": "file",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
    }


def columns_of(con: duckdb.DuckDBPyConnection, source: str) -> list[TableColumn]:
    """The columns of `schema.table`, in its order, with their comments."""
    schema, _, name = source.partition(".")
    found = con.execute(
        "select column_name, data_type, is_nullable, coalesce(comment, column_name) from duckdb_columns() "
        "where schema_name = $schema and table_name = $name and database_name = current_database() order by column_index",
        {"schema": schema, "name": name},
    ).fetchall()
    return [TableColumn(*row) for row in found]


def csv_of(
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[TableColumn],
    select: str,
    parameters: Mapping[str, object] | None = None,
) -> bytes:
    """Rows as DuckDB writes each value, in UTF-8 with its mark; NULL is an empty field, a list is JSON, no text is a formula.

    Args:
        con: the database that is asked.
        columns: which are written, in their order.
        select: gives the rows, ordered.
        parameters: of the SELECT.

    Returns:
        The file's bytes; equal rows give equal bytes.
    """
    written = ", ".join(
        f'to_json("{c.name}")::varchar' if c.sql_type.endswith("[]") else f'"{c.name}"::varchar'
        for c in columns
    )
    rows = con.execute(f"select {written} from ({select})", parameters or {}).fetchall()
    texts = [at for at, c in enumerate(columns) if c.sql_type == "VARCHAR"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(c.name for c in columns)
    for row in rows:
        line = list(row)
        for at in texts:
            line[at] = _plain(line[at])
        writer.writerow(line)
    return (BOM + out.getvalue()).encode()


@cache
def _plain(value: str | None) -> str | None:
    return None if value is None else inert(visible(value))


def _sums(data: bytes) -> dict[str, Any]:
    return {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}


def _schema(table: _Table, columns: Sequence[TableColumn]) -> dict[str, Any]:
    fields = [
        {"name": c.name, "type": _TYPES.get(c.sql_type, "number"), **_words(c.comment)}
        | ({"constraints": {"required": True}} if _is_required(table, c) else {})
        for c in columns
    ]
    refers = [
        {
            "fields": [column],
            "reference": {"resource": "" if to == table.name else to, "fields": [_KEYS[to][-1]]},
        }
        for column, to in table.refers.items()
    ]
    keys = {"primaryKey": list(table.key)} if table.key else {}
    return {"fields": fields, "missingValues": [""], **keys, "foreignKeys": refers}


def _is_required(table: _Table, column: TableColumn) -> bool:
    """Whether no field is empty; in a CSV a text without a character is one."""
    return not column.is_nullable and (column.name in table.key or column.sql_type != "VARCHAR")


def _words(comment: str) -> dict[str, str]:
    """Title and description of a comment of the warehouse (`标签 | English`)."""
    label, _, english = comment.partition(" | ")
    return {"title": label, "description": english or label}
