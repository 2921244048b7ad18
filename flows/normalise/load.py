"""Deliveries into `core`: read, type, judge, account, in transactions of many files.

One INSERT per record kind takes the rows of a whole batch of files (measured: a transaction per file
costs three times as much). A batch that fails is halved until the bad file is alone, so that it never
takes another with it; what a file leaves behind commits together with its delivery line or not at all.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import duckdb
import pyarrow as pa

from flows.contract.record import Record
from flows.contract.spelling import spellings
from flows.contract.units import reference
from flows.database.connect import insert_named, insert_rows
from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.normalise.lookup import Lookup
from flows.normalise.record_sql import insert, issue_column, looked_up, mark_duplicates, unit_column, units_of
from flows.read import (
    ISSUE_COLUMN,
    READER_FAILED,
    FileReading,
    Problem,
    Table,
    place_of,
    read_ahead,
    read_file,
)

#: A batch ends when its files exceed this size; workbooks are held in memory, ten times their bytes.
BATCH_BYTES = 512 << 20
#: … or this number. Planning an INSERT costs as much as a thousand rows, so a batch takes many files.
BATCH_FILES = 2000
PARTS_PER_DELIVERY = 1000
#: A running INSERT keeps some of what it has read alive: each is given no more rows than these.
INSERT_ROWS = 1_000_000

#: The optimizer takes a stream, and rows not yet committed, for few and would build its hash tables on them,
#: that is, keep whole files in memory: joins are done in the order they are written. Lists of words stay
#: inside their CASE: as joins they would be asked for every row, not for those that need them.
AS_WRITTEN = "join_order,build_side_probe_side,in_clause"

Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)


class ConservationError(RuntimeError):
    """Rows or cells of a file are not all accounted for: the file is refused, loudly."""


@dataclass
class Arrival:
    """One delivery with what the reader found in it."""

    delivery: Delivery
    reading: FileReading | None = None
    problems: list[Problem] = field(default_factory=list)
    only: Collection[str] | None = None

    def parts(self) -> Iterator[tuple[int, Table]]:
        """(part_id, table) of every recognised table, or of those of the kinds in `only`."""
        for table in self.reading.tables if self.reading else ():
            if table.record is not None and (self.only is None or table.record in self.only):
                yield self.delivery.delivery_id * PARTS_PER_DELIVERY + table.ordinal, table


def load(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    deliveries: Sequence[Delivery],
    kinds: Mapping[str, Record],
    progress: Progress | None = None,
    only: Collection[str] | None = None,
) -> None:
    """Load deliveries that the database does not hold yet; commits batch by batch.

    `only`: record kinds that are asked for. Tables of others are read past: planning their INSERTs would cost more than
    all else where a file holds many kinds.
    """
    done = 0
    spellings()  # what is wrong with them is said once, before any file, and fails the load
    con.execute(f"set disabled_optimizers = '{AS_WRITTEN}'")
    for batch in _batches(deliveries):
        _load_or_split(con, vault, batch, kinds, only)
        done += len(batch)
        _log.info("deliveries to %d loaded, %d of %d", batch[-1].delivery_id, done, len(deliveries))
        if progress:
            progress("files", done, len(deliveries))
    con.execute("reset disabled_optimizers")


def _load_or_split(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    batch: Sequence[Delivery],
    kinds: Mapping[str, Record],
    only: Collection[str] | None,
) -> None:
    """Load a batch; one that fails is halved until the file that fails is alone, and becomes one issue."""
    try:
        _load_batch(con, vault, batch, kinds, only)
    except Exception as error:
        con.execute("rollback")
        if len(batch) > 1:
            middle = len(batch) // 2
            _load_or_split(con, vault, batch[:middle], kinds, only)
            _load_or_split(con, vault, batch[middle:], kinds, only)
        else:
            _refuse(con, vault, batch[0], kinds, error)


def _batches(deliveries: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    batch: list[Delivery] = []
    size = 0
    for delivery in deliveries:
        weight = delivery.size * (1 if delivery.name.lower().endswith((".csv", ".txt")) else 10)
        if batch and (size + weight > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(delivery)
        size += weight
    if batch:
        yield batch


def _refuse(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    delivery: Delivery,
    kinds: Mapping[str, Record],
    error: Exception,
) -> None:
    """Record a file that could not be loaded; the error's text may quote a cell and stays in the vault."""
    vault.note_error(f"delivery {delivery.delivery_id}", error)
    code = "rows_unaccounted" if isinstance(error, ConservationError) else READER_FAILED
    _log.warning("delivery %d: %s, %s", delivery.delivery_id, code, place_of(error))
    arrival = Arrival(delivery, problems=[Problem(code, hint=place_of(error))])
    con.execute("begin")
    _record_deliveries(con, [arrival])
    _record_problems(con, [arrival], kinds)
    con.execute("commit")


def _load_batch(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    batch: Sequence[Delivery],
    kinds: Mapping[str, Record],
    only: Collection[str] | None,
) -> None:
    con.execute("begin")
    with ThreadPoolExecutor(1) as beside:
        # Reading does not wait for the check of the bytes; the commit does.
        checked = [beside.submit(vault.path, delivery.sha256) for delivery in batch]
        arrivals = list(read_ahead(lambda delivery: _read(vault, delivery, kinds, only), batch))
        for arrival in arrivals:
            if arrival.reading:
                vault.note_stopped(arrival.delivery.sha256, arrival.reading.stopped)
        _load_arrivals(con, vault, arrivals, kinds)
        for check in checked:
            check.result()
    con.execute("commit")


def _load_arrivals(
    con: duckdb.DuckDBPyConnection, vault: Vault, arrivals: Sequence[Arrival], kinds: Mapping[str, Record]
) -> None:
    by_record: dict[str, list[tuple[int, Table]]] = {}
    for arrival in arrivals:
        for part_id, table in arrival.parts():
            if held(table) is None and table.record is not None:
                by_record.setdefault(table.record, []).append((part_id, table))
    for name, parts in by_record.items():
        _insert_rows(con, vault, kinds[name], parts, arrivals)
    for arrival in arrivals:
        _drain(arrival)
    _record_parts(con, arrivals)
    _record_deliveries(con, arrivals)
    _record_problems(con, arrivals, kinds)


def _read(
    vault: Vault, delivery: Delivery, kinds: Mapping[str, Record], only: Collection[str] | None
) -> Arrival:
    if delivery.sender is None:
        return Arrival(delivery, problems=[Problem("sender_unknown", "error", "", None, None)])
    own = spellings().get(delivery.sender)
    known = vault.stopped(delivery.sha256)
    reading = read_file(vault.place(delivery.sha256), delivery.name, kinds, own, stopped=known)
    for fault in reading.faults:
        _log.warning("delivery %d: %s, %s", delivery.delivery_id, READER_FAILED, place_of(fault))
        vault.note_error(f"delivery {delivery.delivery_id}", fault)
    return Arrival(delivery, reading, only=only)


def held(table: Table) -> str | None:
    """Why a recognised table cannot be loaded: the code of its first error, or `period_unknown`."""
    for problem in table.problems:
        if problem.severity == "error":
            return problem.code
    return "period_unknown" if table.covers_from is None or table.covers_to is None else None


def _insert_rows(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    record: Record,
    parts: Sequence[tuple[int, Table]],
    arrivals: Sequence[Arrival],
) -> None:
    senders = {a.delivery.delivery_id: a.delivery.sender for a in arrivals}
    insert_parts(con, record, parts, senders, vault.hmac_pads())
    con.execute(mark_duplicates(record), _span(arrivals))
    con.execute(
        f"insert into meta.part_unit select distinct part_id, unit_code from core.{record.record} "
        "where part_id between $first and $last and unit_code is not null",
        _span(arrivals),
    )


def insert_parts(
    con: duckdb.DuckDBPyConnection,
    record: Record,
    parts: Sequence[tuple[int, Table]],
    senders: Mapping[int, str | None],
    pads: tuple[bytes, bytes],
) -> None:
    """Type and judge the rows of tables into `core.<record>`. `senders`: by part id // `PARTS_PER_DELIVERY`; `pads`:
    the padded keys of names and IDs."""
    context: dict[str, list[object]] = {"part_id": [], "sender": [], "covers_from": [], "covers_to": []}
    context |= {unit_column(c): [] for c in units_of(record)}
    for part_id, table in parts:
        context["part_id"].append(part_id)
        context["sender"].append(senders[part_id // PARTS_PER_DELIVERY])
        context["covers_from"].append(table.covers_from)
        context["covers_to"].append(table.covers_to)
        units = {m.column: m.unit for m in table.columns if m.column}
        for column in units_of(record):
            context[unit_column(column)].append(units.get(column.name) or column.unit)
    types = {"part_id": pa.int64(), "covers_from": pa.date32(), "covers_to": pa.date32()}
    con.register(
        "part_context", pa.table({n: pa.array(v, types.get(n, pa.string())) for n, v in context.items()})
    )
    schema = pa.schema(
        [("part_id", pa.int64()), ("row_number", pa.int32()), ("reader_issue", pa.string())]
        + [(c.name, pa.string()) for c in record.read_columns]
        + [(issue_column(c), pa.string()) for c in looked_up(record)]
    )
    stream = _stream(schema, record, parts, senders)
    inner, outer = pads
    statement = insert(record)
    for first in stream:
        portion = _up_to(INSERT_ROWS, chain([first], stream))
        con.register("arrival", pa.RecordBatchReader.from_batches(schema, portion))
        con.execute(statement, {"inner": inner, "outer": outer} if "$inner" in statement else None)
        con.unregister("arrival")
    con.unregister("part_context")


def _stream(
    schema: pa.Schema, record: Record, parts: Sequence[tuple[int, Table]], senders: Mapping[int, str | None]
) -> Iterator[pa.RecordBatch]:
    """The batches of all parts, names looked up, widened to one schema: a column that a file lacks is NULL."""
    named = looked_up(record)
    for part_id, table in parts:
        sender = senders[part_id // PARTS_PER_DELIVERY]
        lookup = Lookup(reference(), sender or "", table.covers_to or date.max)
        for batch in table.batches():
            if batch.num_rows == 0:
                continue
            present = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
            present["part_id"] = pa.repeat(pa.scalar(part_id, pa.int64()), batch.num_rows)
            if ISSUE_COLUMN in present:
                present["reader_issue"] = present.pop(ISSUE_COLUMN)
            for column in named:
                if column.name in present:
                    found = lookup.column(column, present[column.name])
                    present[column.name], present[issue_column(column)] = found
            arrays = [
                present[f.name] if f.name in present else pa.nulls(batch.num_rows, f.type) for f in schema
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _span(arrivals: Sequence[Arrival]) -> dict[str, int]:
    """First and last part id that a batch can have. Deliveries are loaded in the order of their ids, so that
    no other part lies between; a range lets DuckDB pass over the rows of earlier batches unread."""
    ids = [arrival.delivery.delivery_id for arrival in arrivals]
    return {"first": min(ids) * PARTS_PER_DELIVERY, "last": (max(ids) + 1) * PARTS_PER_DELIVERY - 1}


def _up_to(rows: int, stream: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches off the front of a stream until they have so many rows."""
    while rows > 0 and (batch := next(stream, None)) is not None:
        rows -= batch.num_rows
        yield batch


def _drain(arrival: Arrival) -> None:
    """Count the cells of tables of which nothing was loaded: all of it is accounted for."""
    for table in arrival.reading.tables if arrival.reading else ():
        for _batch in table.batches():
            pass


def _record_parts(con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival]) -> None:
    """Write `meta.part` with its row states and enforce read = accepted + rejected + duplicate + ignored."""
    parts = [(part_id, table) for arrival in arrivals for part_id, table in arrival.parts()]
    states: dict[int, Counter[str]] = {part_id: Counter() for part_id, _ in parts}
    for name in {table.record for _, table in parts if held(table) is None}:
        query = f"select part_id, row_state, count(*) from core.{name} where part_id between $first and $last group by all"
        for part_id, state, rows in con.execute(query, _span(arrivals)).fetchall():
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
                "sheet": table.sheet,
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
    query = "select distinct part_id from meta.part_unit where part_id between $first and $last"
    known = {row[0] for row in con.execute(query, _span(arrivals)).fetchall()}
    senders = {a.delivery.delivery_id: a.delivery.sender for a in arrivals}
    silent = [
        (part_id, senders[part_id // PARTS_PER_DELIVERY]) for part_id, _ in parts if part_id not in known
    ]
    insert_rows(con, "meta.part_unit", ("part_id", "unit_code"), silent)


def _record_deliveries(con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival]) -> None:
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
                "name": d.name,
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
            accounts += [(d.delivery_id, *key, n) for key, n in sorted(reading.account.items())]
    insert_named(con, "meta.delivery", lines)
    insert_rows(con, "meta.cell_account", ("delivery_id", "sheet", "class", "cells"), accounts)


def _record_problems(
    con: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], kinds: Mapping[str, Record]
) -> None:
    """Write `meta.issue`: what the reader reported, and the row issues of the parts just loaded."""
    lines = []
    for arrival in arrivals:
        d = arrival.delivery.delivery_id
        found: list[tuple[Problem, int | None, str | None]] = [(p, None, None) for p in arrival.problems]
        if arrival.reading:
            found += [(p, None, None) for p in arrival.reading.problems]
        for part_id, table in arrival.parts():
            found += [(p, part_id, table.record) for p in table.problems]
            if held(table) == "period_unknown" and not any(p.severity == "error" for p in table.problems):
                found.append(
                    (Problem("period_unknown", "error", table.sheet, None, None), part_id, table.record)
                )
        lines += [
            (d, p.sheet, p.row_number, p.column_name, p.code, p.severity, part, record, p.hint or None)
            for p, part, record in found
        ]
    columns = (
        "delivery_id",
        "sheet",
        "row_number",
        "column_name",
        "issue_code",
        "severity",
        "part_id",
        "record",
        "hint",
    )
    types = {"row_number": pa.int32(), "part_id": pa.int64(), "delivery_id": pa.int32()}
    values = zip(*lines, strict=True) if lines else ((),) * len(columns)
    con.register(
        "problem",
        pa.table(
            {n: pa.array(list(v), types.get(n, pa.string())) for n, v in zip(columns, values, strict=True)}
        ),
    )
    con.execute(_issues_from("(select *, cast(null as integer) as record_column from problem)"))
    con.unregister("problem")
    for name in sorted(
        {table.record for a in arrivals for _, table in a.parts() if table.record and held(table) is None}
    ):
        # Streamed, never held: a roll of a million rows may have an issue in each.
        found_in_rows = f"""(
          select m.delivery_id, m.sheet, case when not m.is_turned then c.row_number end as row_number,
            case when m.is_turned then c.row_number end as record_column, nullif(split_part(c.issue, ':', 1), '') as column_name,
            split_part(c.issue, ':', 2) as issue_code, cast(null as varchar) as severity, c.part_id, '{name}' as record,
            cast(null as varchar) as hint
          from (select part_id, row_number, unnest(issues) as issue from core.{name}
            where issues is not null and part_id between $first and $last) as c
          join meta.part as m on m.part_id = c.part_id)"""
        con.execute(_issues_from(found_in_rows), _span(arrivals))


def _issues_from(problems: str) -> str:
    """INSERT into `meta.issue`, with severity and message, of problems found by the reader or in rows."""
    return f"""insert into meta.issue by name
        select p.delivery_id, p.sheet, p.row_number, p.column_name, p.issue_code,
          case when p.severity is not null then p.severity
            when c.severity = 'error' and not coalesce(l.rejects, true) then 'warning'
            else coalesce(r.severity, c.severity, 'error') end as severity,
          coalesce('第' || p.record_column || '列：', '') || coalesce(r.message, replace(replace(replace(c.message, '{{column}}', coalesce(l.label, p.column_name, '')),
            '{{hint}}', coalesce('；疑似“' || p.hint || '”', '')), '{{place}}', coalesce(p.hint, '')), p.issue_code) as message, p.part_id
        from {problems} as p
        left join ref.issue as c on c.code = p.issue_code
        left join ref.check_issue as r on r.record = p.record and r.code = p.issue_code
        left join ref.record_column as l on l.record = p.record and l.column_name = p.column_name"""
