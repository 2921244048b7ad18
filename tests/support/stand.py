"""A warehouse in memory whose tables come from the contracts, filled with the rows of a test.

A row is a mapping of stored columns; `covers: 2015` (or `2015-03`, or `2015-01-01..2015-10-31`) names the
covered period of its part, `sender` who sent it if not the unit itself. Derived columns are computed by the
contract's own expressions, so a case says only what a file would say.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from flows.contract.catalogue import ROOT, code_lists, records
from flows.metrics.values import create_views
from flows.normalise.record_sql import create_current, create_table
from flows.normalise.schema import load_macros
from flows.warehouse.books import carry

PERIODS = {
    "2013": "2013",
    "2014": "2014",
    "2015": "2015",
    "2015-03": "2015-03",
    "2015-10": "2015-10",
    "U2015": "2014-10-01..2015-09-30",
    "F201011-201510": "2010-11-01..2015-10-31",
    "F201101-201510": "2011-01-01..2015-10-31",
    "F2011-2015": "2011-01-01..2015-12-31",
}

UNITS = [
    ("acftu", "nation", None, None, None, False),
    ("chongqing", "city", "acftu", None, None, False),
    ("yongchuan", "district", "chongqing", None, None, True),
    ("dazu", "district", "chongqing", "2014-07-01", None, True),
    ("dazu-county", "district", "chongqing", None, "2014-06-30", True),
    ("cn-sichuan", "province", "acftu", None, None, False),
]


def span(text: str) -> tuple[date, date]:
    """First and last day of a year, a month, a day, or `from..to`."""
    if ".." in text:
        first, last = text.split("..")
        return date.fromisoformat(first), date.fromisoformat(last)
    if len(text) == 4:
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text), date.fromisoformat(text)


def empty() -> duckdb.DuckDBPyConnection:
    """A build without a record: macros, reference units and periods, tables and views of every kind."""
    con = duckdb.connect()
    for name in ("meta/schema.sql", "assess/table.sql"):
        con.execute((ROOT / "sql" / name).read_text(encoding="utf-8"))
    con.execute(
        "create table ref.unit (unit_code varchar, name varchar, kind varchar, parent_code varchar, "
        "valid_from date, valid_to date, short_name varchar, is_assessed boolean); "
        "create table ref.unit_change (from_unit varchar, to_unit varchar, on_date date); "
        "create table ref.period (period_id varchar, label varchar, from_on date, to_on date); "
        "create table ref.calendar (record varchar, period_id varchar, due_on date); "
        "create table ref.record (record varchar, label varchar, is_snapshot boolean, is_form boolean, office_speaks_for_all boolean); "
        "create table ref.code (list varchar, code varchar, label varchar); "
        "create table ref.id_prefix (prefix varchar)"
    )
    con.executemany(
        "insert into ref.unit select $1, $1, $2, $3, cast($4 as date), cast($5 as date), $1, $6",
        [list(u) for u in UNITS],
    )
    con.execute("insert into ref.unit_change values ('dazu-county', 'dazu', date '2014-07-01')")
    con.executemany(
        "insert into ref.period values ($1, $1, $2, $3)", [[p, *span(s)] for p, s in PERIODS.items()]
    )
    con.executemany(
        "insert into ref.code values (?, ?, ?)",
        [(name, e.code, e.label) for name, entries in code_lists().items() for e in entries],
    )
    load_macros(con)
    for record in records().values():
        con.execute(
            "insert into ref.record values (?, ?, ?, ?, ?)",
            [record.record, record.label, record.snapshot, record.years_across, record.office_speaks_for_all],
        )
        con.execute(create_table(record))
        con.execute(create_current(record))
    create_views(con)
    carry(con, Path("no editions"))
    return con


@cache
def shared() -> duckdb.DuckDBPyConnection:
    """One empty warehouse per session; use it inside a transaction that is rolled back."""
    return empty()


def part(con: duckdb.DuckDBPyConnection, record: str, sender: str, covers: str) -> int:
    """The part of a slot, made on first use: one delivery with one table."""
    first, last = span(covers)
    found = con.execute(
        "select part_id from meta.part_in_force "
        "where record = $1 and sender = $2 and covers_from = $3 and covers_to = $4",
        [record, sender, first, last],
    ).fetchone()
    if found:
        return int(found[0])
    delivery = _one(con, "select coalesce(max(delivery_id), 0) + 1 from meta.delivery")
    con.execute(
        "insert into meta.delivery by name select $1 as delivery_id, $2 as sender, 'made.csv' as name, "
        "'made' as sha256, timestamp '2016-01-05 09:00:00' as received_at, 0 as cells_nonempty, "
        "0 as cells_explained, false as is_backdated",
        [delivery, sender],
    )
    con.execute(
        "insert into meta.part by name select false as is_turned, $1 as part_id, $2 as delivery_id, '' as sheet, $3 as record, "
        "$4 as covers_from, $5 as covers_to, 0 as rows_read, 0 as rows_accepted, 0 as rows_rejected, "
        "0 as rows_duplicate, 0 as rows_ignored, true as in_force, 1 as header_row",
        [delivery * 1000 + 1, delivery, record, first, last],
    )
    con.execute("insert into meta.part_unit values ($1, $2)", [delivery * 1000 + 1, sender])
    return delivery * 1000 + 1


def give(con: duckdb.DuckDBPyConnection, record: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of one kind, each in the part of its sender and covered period (default: all of 2015)."""
    contract = records()[record]
    types = {name: sql_type for name, sql_type, _ in contract.stored_columns}
    for number, row in enumerate(rows, 2):
        given = _spread(row, types)
        unit = str(row.get("unit_code", "yongchuan"))
        sender, covers = str(row.get("sender", unit)), str(row.get("covers", "2015"))
        part_id = part(con, record, sender, covers)
        if unit != sender:
            con.execute(
                "insert into meta.part_unit select $1, $2 where not exists "
                "(from meta.part_unit where part_id = $1 and unit_code = $2)",
                [part_id, unit],
            )
        given |= {"unit_code": unit}
        values = {n: _literal(v, types[n]) for n, v in given.items()}
        derived = {
            c.name: f"(select cast({c.derive} as {types[c.name]}) from given)"
            for c in contract.columns.values()
            if c.derive and c.name not in given
        }
        first, last = span(covers)
        plain = [n for n in types if n not in derived]
        columns = [f"{values.get(n, 'null')}::{types[n]} as {n}" for n in plain]
        columns += [f"date '{first}' as covers_from", f"date '{last}' as covers_to"]
        state = str(row.get("row_state", "accepted"))
        con.execute(
            f"insert into core.{record} by name with given as (select {', '.join(columns)}) "
            f"select {', '.join([*plain, *(f'{e} as {n}' for n, e in derived.items())])}, "
            f"'{state}' as row_state, {part_id} as part_id, {number} as row_number from given"
        )


def _spread(row: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Stored columns of a row; `held: 2015-03` becomes held_from_on and held_to_on."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("covers", "sender", "row_state", "unit_code"):
            continue
        if name in types:
            out[name] = value
        elif f"{name}_from_on" in types:
            first, last = span(str(value))
            out |= {f"{name}_from_on": first, f"{name}_to_on": last}
        else:
            raise KeyError(f"{name} is not a stored column: {sorted(types)}")
    return out


def _literal(value: Any, sql_type: str) -> str:
    if value is None:
        return "null"
    text = "'" + str(value).replace("'", "''") + "'"
    return f"encode({text})" if sql_type == "BLOB" else text


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    assert row is not None
    return int(row[0])
