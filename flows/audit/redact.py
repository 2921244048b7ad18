"""Rows as they may be shown: the cells a definition reads, and why a row does not count.

Refuses every column that a contract calls personal, whatever it holds: its value is None, and the query does not ask
for it. Persons are told apart by numbers that mean nothing outside of one answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import duckdb

from flows.audit.proof_model import ShownCell, SourceTable, UncountedRow
from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import Indicator
from flows.contract.record import Column, ColumnType, Record
from flows.database.connect import run_file
from flows.metrics.indicator_sql import columns_read

Address = tuple[int, int]
_FOLDER = ROOT / "sql" / "audit"


def cells(
    con: duckdb.DuckDBPyConnection, indicator: Indicator, addresses: Collection[Address]
) -> dict[Address, tuple[ShownCell, ...]]:
    """What the indicator's SELECT reads of rows of `con`, by address."""
    out: dict[Address, tuple[ShownCell, ...]] = {}
    for record in (records()[name] for name in indicator.records):
        out |= cells_of(con, record, _read(con, record, indicator), addresses)
    return out


def cells_of(
    con: duckdb.DuckDBPyConnection,
    record: Record,
    columns: Sequence[tuple[str, Column]],
    addresses: Collection[Address],
) -> dict[Address, tuple[ShownCell, ...]]:
    """Stored columns of rows of one kind, by address; those about persons without their value."""
    open_ones = [name for name, column in columns if not column.personal]
    rows = con.execute(
        f"select c.part_id, c.row_number{''.join(f', c.{name}' for name in open_ones)} from core.{record.record} as c "
        f"semi join {ADDRESSES} as a on a.part_id = c.part_id and a.row_number = c.row_number",
        asked_for(addresses),
    ).fetchall()
    out = {}
    for part, row, *values in rows:
        value = dict(zip(open_ones, values, strict=True))
        out[part, row] = tuple(
            ShownCell(_label(name, column), _text(column, value[name]) if name in value else None)
            for name, column in columns
        )
    return out


#: Addresses as a table; its parameters are those of `asked_for`.
ADDRESSES = "(select unnest($parts) as part_id, unnest($rows) as row_number)"


def asked_for(addresses: Iterable[Address]) -> dict[str, list[int]]:
    """Parameters of `ADDRESSES`."""
    wanted = sorted(addresses)
    return {"parts": [part for part, _ in wanted], "rows": [row for _, row in wanted]}


def _read(con: duckdb.DuckDBPyConnection, record: Record, indicator: Indicator) -> list[tuple[str, Column]]:
    """Stored columns that the SELECTs of a record kind name; whose row it is, is said already."""
    words = columns_read(con, indicator, record.record)
    return [
        (name, column)
        for name, _, column in record.stored_columns
        if column is not None and name in words and column.type is not ColumnType.UNIT
    ]


def _label(name: str, column: Column) -> str:
    if name == f"{column.name}_from_on":
        return f"{column.label}（起）"
    return f"{column.label}（止）" if name == f"{column.name}_to_on" else column.label


def _text(column: Column, value: object) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.list:
        return next((e.label for e in code_lists()[column.list] if e.code == value), str(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def idle_parts(
    edition: duckdb.DuckDBPyConnection,
    indicator: Indicator,
    members: Iterable[str],
    first_on: date,
    last_on: date,
) -> dict[int, str]:
    """Tables of the period that do not count, with the reason in Chinese: replaced, withdrawn, held back."""
    asked = {"records": list(indicator.records), "members": list(members), "first": first_on, "last": last_on}
    rows = run_file(edition, _FOLDER / "idle_part.sql", asked).fetchall()
    return dict(rows)


def passed_over(
    con: duckdb.DuckDBPyConnection,
    indicator: Indicator,
    sources: Mapping[int, SourceTable],
    members: Iterable[str],
    whole: Mapping[int, str],
    limit: int,
) -> tuple[list[UncountedRow], dict[str, int]]:
    """Rows of the tables of `sources` that the SELECT does not give, the first with their reasons, and counts by reason.

    `whole`: tables that do not count as such, with why.
    """
    shown: list[UncountedRow] = []
    counts: dict[str, int] = {}
    for name in indicator.records:
        parts = [p for p, s in sources.items() if s.record == name]
        con.execute(f"create or replace temporary view record_row as from core.{name}")
        asked = {"record": name, "parts": parts, "members": list(members)}
        run_file(con, _FOLDER / "uncounted_row.sql", asked)
        for reason, rows in con.execute("select reason, count(*) from uncounted_row group by all").fetchall():
            counts[reason] = counts.get(reason, 0) + rows
        rows = run_file(con, _FOLDER / "first_uncounted.sql", {"most": limit - len(shown)}).fetchall()
        shown += [
            UncountedRow(part, row, reason, whole.get(part) or detail or "")
            for part, row, reason, detail in rows
        ]
    loaded = {
        p for (p,) in con.execute("select part_id from meta.part where rows_read > rows_ignored").fetchall()
    }
    held = [UncountedRow(p, None, "not_in_force", why) for p, why in sorted(whole.items()) if p not in loaded]
    return shown + held, counts
