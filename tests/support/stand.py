"""A warehouse in memory whose tables come from the contracts, filled with the rows of a test.

A row is a mapping of stored columns; `covers: 2015` (or `2015-03`, or `2015-01-01..2015-10-31`) names the
covered period of its part, `sender` who sent it if not the unit itself; `open_columns` of the row, and `absent` columns of its
part. Derived columns are computed by the
contract's own expressions, so a case says only what a file would say.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from flows.assess.score_years import create_open
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
        "create table ref.record_column (record varchar, column_name varchar, label varchar, rejects boolean); "
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
        con.executemany(
            "insert into ref.record_column values (?, ?, ?, ?)",
            [(record.record, c.name, c.label, c.rejects) for c in record.columns.values()],
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


#: Sender and covered period, of which a record kind has one part.
Slot = tuple[str, str]


def part(con: duckdb.DuckDBPyConnection, record: str, sender: str, covers: str) -> int:
    """The part of a slot, made on first use: one delivery with one table."""
    return _parts(con, record, [(sender, covers)])[sender, covers]


def _parts(con: duckdb.DuckDBPyConnection, record: str, slots: Iterable[Slot]) -> dict[Slot, int]:
    """The parts of some slots, those that are missing made."""
    query = "select sender, covers_from, covers_to, part_id from meta.part_in_force where record = $record"
    found = {row[:3]: int(row[3]) for row in con.execute(query, {"record": record}).fetchall()}
    wanted = {slot: (slot[0], *span(slot[1])) for slot in slots}
    last = _one(con, "select coalesce(max(delivery_id), 0) from meta.delivery")
    new = {
        key: last + at
        for at, key in enumerate(dict.fromkeys(k for k in wanted.values() if k not in found), 1)
    }
    if new:
        made = ", ".join(
            f"({n}, '{sender}', date '{first}', date '{last}')" for (sender, first, last), n in new.items()
        )
        given = f"from (values {made}) as v(delivery_id, sender, covers_from, covers_to)"
        con.execute(
            "insert into meta.delivery by name select delivery_id, sender, 'made.csv' as name, "
            "'made' as sha256, timestamp '2016-01-05 09:00:00' as received_at, 0 as cells_nonempty, "
            f"0 as cells_explained, false as is_backdated {given}"
        )
        con.execute(
            "insert into meta.part by name select false as is_turned, delivery_id * 1000 + 1 as part_id, delivery_id, "
            f"'' as sheet, '{record}' as record, covers_from, covers_to, 0 as rows_read, 0 as rows_accepted, "
            f"0 as rows_rejected, 0 as rows_duplicate, 0 as rows_ignored, true as in_force, 1 as header_row {given}"
        )
        con.execute(f"insert into meta.part_unit select delivery_id * 1000 + 1, sender {given}")
    found |= {key: number * 1000 + 1 for key, number in new.items()}
    return {slot: found[key] for slot, key in wanted.items()}


def give(con: duckdb.DuckDBPyConnection, record: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of one kind, each in the part of its sender and covered period (default: all of 2015).

    Rows that leave the same columns to be derived are one INSERT: planning costs far more than a row.
    """
    contract = records()[record]
    types = {name: sql_type for name, sql_type, _ in contract.stored_columns}
    units = [str(row.get("unit_code", "yongchuan")) for row in rows]
    slots = [
        (str(r.get("sender", u)), str(r.get("covers", "2015"))) for r, u in zip(rows, units, strict=True)
    ]
    part_of = _parts(con, record, slots)
    about = {(part_of[slot], unit) for slot, unit in zip(slots, units, strict=True) if unit != slot[0]}
    if about:
        listed = ", ".join(f"({part_id}, '{unit}')" for part_id, unit in sorted(about))
        con.execute(f"insert into meta.part_unit select * from (values {listed}) except from meta.part_unit")
    for row, slot in zip(rows, slots, strict=True):
        for column in row.get("absent", ()):
            con.execute(
                "insert into meta.open_column by name select $1 as part_id, $2 as column_name, 'absent' as why where not exists "
                "(from meta.open_column where part_id = $1 and column_name = $2)",
                [part_of[slot], column],
            )
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for number, (row, unit, slot) in enumerate(zip(rows, units, slots, strict=True), 2):
        given = _spread(row, types) | {"unit_code": unit}
        first, last = span(slot[1])
        values = [_literal(given.get(name)) for name in types]
        state, is_open = row.get("row_state", "accepted"), row.get("open_columns")
        is_open = f"[{', '.join(is_open)}]" if is_open else None
        values += [_literal(x) for x in (first, last, state, is_open, part_of[slot], number)]
        derived = tuple(c.name for c in contract.columns.values() if c.derive and c.name not in given)
        alike[derived].append(f"({', '.join(values)})")
    beside = {"covers_from": "date", "covers_to": "date", "row_state": "varchar", "open_columns": "varchar[]"}
    beside |= {"part_id": "bigint", "row_number": "integer"}
    names = types | beside
    for derived, listed_rows in alike.items():
        typed = [_typed(name, sql_type) for name, sql_type in names.items() if name not in derived]
        made = [f"cast({contract.columns[name].derive} as {types[name]}) as {name}" for name in derived]
        con.execute(
            f"insert into core.{record} by name with written ({', '.join(names)}) as (values {', '.join(listed_rows)}), "
            f"given as (select {', '.join(typed)} from written) "
            f"select * exclude (covers_from, covers_to){''.join(f', {m}' for m in made)} from given"
        )


def publish(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Keep all there is, with its macros and views, as a file that readers may open."""
    create_open(con)
    con.execute(f"attach '{file}' as saved")
    con.execute("copy from database memory to saved")
    con.execute("detach saved")


def _typed(name: str, sql_type: str) -> str:
    text = f"{name}::varchar"
    return f"{f'encode({text})' if sql_type == 'BLOB' else f'{text}::{sql_type}'} as {name}"


def _spread(row: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Stored columns of a row; `held: 2015-03` becomes held_from_on and held_to_on."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("covers", "sender", "row_state", "unit_code", "open_columns", "absent"):
            continue
        if name in types:
            out[name] = value
        elif f"{name}_from_on" in types:
            first, last = span(str(value))
            out |= {f"{name}_from_on": first, f"{name}_to_on": last}
        else:
            raise KeyError(f"{name} is not a stored column: {sorted(types)}")
    return out


def _literal(value: Any) -> str:
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    assert row is not None
    return int(row[0])
