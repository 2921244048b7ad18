"""What became of what arrived: deliveries, parts, cells and issues, written to `meta`.

Refuses a file of which a row or a cell is not accounted for. A message never holds the text of a cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import duckdb
import pyarrow as pa

from flows.contract.catalogue import ROOT
from flows.contract.record import Record
from flows.contract.redaction import without_numbers
from flows.database.connect import insert_named, insert_rows, run_file
from flows.normalise.arrival import PARTS_PER_DELIVERY, Arrival, held, span
from flows.normalise.open_columns import open_columns
from flows.read import Problem

_Said = Callable[[str], str]


class ConservationError(RuntimeError):
    """Rows or cells of a file are not all accounted for: the file is refused, loudly."""


def keep_accounts(
    con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], kinds: Mapping[str, Record], said: _Said
) -> None:
    """Write `meta.part`, `open_column`, `delivery`, `cell_account` and `issue` of deliveries whose rows are in `core`.

    Args:
        con: The build.
        arrivals: What was read.
        kinds: The contracts.
        said: A name of a file or sheet, or a header, as it may leave the vault.
    """
    _record_parts(con, arrivals, kinds, said)
    _record_deliveries(con, arrivals, said)
    _record_problems(con, arrivals, said)


def _record_parts(
    con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], kinds: Mapping[str, Record], said: _Said
) -> None:
    """Write `meta.part` with its row states and enforce read = accepted + rejected + duplicate + ignored."""
    parts = [(part_id, table) for arrival in arrivals for part_id, table in arrival.parts()]
    states: dict[int, Counter[str]] = {part_id: Counter() for part_id, _ in parts}
    for name in {table.record for _, table in parts if held(table) is None}:
        query = f"select part_id, row_state, count(*) from core.{name} where part_id between $first and $last group by all"
        for part_id, state, rows in con.execute(query, span(arrivals)).fetchall():
            states[part_id][state] = rows
    lines = []
    for part_id, table in parts:
        reason = held(table)
        count = states[part_id]
        read, ignored = table.rows_read, table.rows_ignored
        if reason is not None:
            read, ignored = table.rows_read, table.rows_read
        if read != count["accepted"] + count["rejected"] + count["duplicate"] + ignored:
            raise ConservationError(
                f"part {part_id}: {read} rows read, {dict(count)} stored, {ignored} ignored"
            )
        lines.append(
            {
                "part_id": part_id,
                "delivery_id": part_id // PARTS_PER_DELIVERY,
                "sheet": said(table.sheet),
                "record": table.record,
                "covers_from": table.covers_from,
                "covers_to": table.covers_to,
                "rows_read": read,
                "rows_accepted": count["accepted"],
                "rows_rejected": count["rejected"],
                "rows_duplicate": count["duplicate"],
                "rows_ignored": ignored,
                "held": reason,
                "in_force": False,
                "header_row": table.header_row,
                "covers_evidence": table.covers_evidence,
                "is_turned": table.is_turned,
            }
        )
    insert_named(con, "meta.part", lines)
    missing = [
        (part_id, c.column_name, c.why, c.header and said(c.header), c.position)
        for part_id, table in parts
        if held(table) is None and table.record is not None
        for c in open_columns(kinds[table.record], table)
    ]
    insert_rows(con, "meta.open_column", ("part_id", "column_name", "why", "header", "position"), missing)
    query = "select distinct part_id from meta.part_unit where part_id between $first and $last"
    known = {row[0] for row in con.execute(query, span(arrivals)).fetchall()}
    senders = {a.delivery.delivery_id: a.delivery.sender for a in arrivals}
    silent = [
        (part_id, senders[part_id // PARTS_PER_DELIVERY]) for part_id, _ in parts if part_id not in known
    ]
    insert_rows(con, "meta.part_unit", ("part_id", "unit_code"), silent)


def _record_deliveries(con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], said: _Said) -> None:
    lines: list[dict[str, object]] = []
    accounts: list[tuple[object, ...]] = []
    for arrival in arrivals:
        d, reading = arrival.delivery, arrival.reading
        cells = reading.cells_nonempty if reading else 0
        explained = sum(reading.account.values()) if reading else 0
        if reading and not reading.is_explained:
            raise ConservationError(f"delivery {d.delivery_id}: {cells} cells, {explained} explained")
        lines.append(
            {
                "delivery_id": d.delivery_id,
                "sender": d.sender,
                "name": said(d.name),
                "sha256": d.sha256,
                "received_at": d.received_at,
                "encoding": reading.encoding if reading else None,
                "evidence": reading.evidence or None if reading else None,
                "cells_nonempty": cells,
                "cells_explained": explained,
                "format": reading.format if reading else None,
                "is_backdated": d.backdated,
            }
        )
        if reading:
            accounts += [
                (d.delivery_id, said(sheet), what, n) for (sheet, what), n in sorted(reading.account.items())
            ]
    insert_named(con, "meta.delivery", lines)
    insert_rows(con, "meta.cell_account", ("delivery_id", "sheet", "class", "cells"), accounts)


def _record_problems(con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], said: _Said) -> None:
    """Write `meta.issue`: what the reader reported, and the row issues of the parts just loaded."""
    lines = []
    for arrival in arrivals:
        found: list[tuple[Problem, int | None, str | None]] = [(p, None, None) for p in arrival.problems]
        if arrival.reading:
            found += [(p, None, None) for p in arrival.reading.problems]
        for part_id, table in arrival.parts():
            found += [(p, part_id, table.record) for p in table.problems]
            if held(table) == "period_unknown" and not any(p.severity == "error" for p in table.problems):
                found.append((Problem("period_unknown", "error", table.sheet), part_id, table.record))
        lines += [
            {
                "delivery_id": arrival.delivery.delivery_id,
                "part_id": part_id,
                "record": record,
                "sheet": p.sheet and said(p.sheet),
                **{name: getattr(p, name) or None for name in ("row_number", "column_name", "severity")},
                "hint": without_numbers(p.hint) or None,  # labels of ours
                "header": said(p.header) or None,
                "issue_code": p.code,
            }
            for p, part_id, record in found
        ]
    con.register("problem_read", pa.Table.from_pylist(lines, _PROBLEM))
    _say(con, "from problem_read")
    con.unregister("problem_read")
    first, last = span(arrivals).values()
    for name in sorted({t.record for a in arrivals for _, t in a.parts() if t.record and held(t) is None}):
        # Streamed, never held: a roll of a million rows may have an issue in each.
        _say(
            con,
            f"""select m.delivery_id, m.sheet, if(m.is_turned, null, c.row_number) as row_number,
              nullif(split_part(c.issue, ':', 1), '') as column_name, split_part(c.issue, ':', 2) as issue_code,
              cast(null as varchar) as severity, c.part_id, '{name}' as record, cast(null as varchar) as hint,
              cast(null as varchar) as header, if(m.is_turned, c.row_number, null) as record_column
            from (select part_id, row_number, unnest(issues) as issue from core.{name}
              where issues is not null and part_id between {first} and {last}) as c
            join meta.part as m on m.part_id = c.part_id""",
        )


#: The view `problem`, from which `sql/meta/issue.sql` makes issues.
_PROBLEM = pa.schema(
    [
        ("delivery_id", pa.int32()),
        ("part_id", pa.int64()),
        ("row_number", pa.int32()),
        ("record_column", pa.int32()),
    ]
    + [
        (name, pa.string())
        for name in ("sheet", "column_name", "issue_code", "severity", "record", "hint", "header")
    ]
)


def _say(con: duckdb.DuckDBPyConnection, problems: str) -> None:
    con.execute(f"create or replace temporary view problem as {problems}")
    run_file(con, ROOT / "sql" / "meta" / "issue.sql")
