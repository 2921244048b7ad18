"""Deliveries into `core`: read, type, judge, account, in transactions of many files.

One INSERT per record kind takes the rows of a whole batch of files (measured: a transaction per file
costs three times as much). A batch that fails is halved until the bad file is alone, so that it never
takes another with it; what a file leaves behind commits together with its delivery line or not at all.

A file whose reader the system kills, beside others and then alone, stays unloaded and unjudged, and the others come in: it is
in `meta.unread` until a later build has read it. Not one number may be smaller for it in silence, so that a
publication waits for a person (`warehouse/publication_stops.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pyarrow as pa

from flows.contract.record import ColumnType, Record
from flows.contract.spelling import own_codes, spellings
from flows.contract.units import reference
from flows.database.seal import seal
from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.language import _
from flows.normalise.account import ConservationError, keep_accounts
from flows.normalise.arrival import PARTS_PER_DELIVERY, Arrival, held, span
from flows.normalise.key_sql import PERSON_DIFFERS, insert_grouped, mark_duplicates
from flows.normalise.lookup import Lookup
from flows.normalise.machine_trouble import LoadUnfinished, raise_trouble
from flows.normalise.open_columns import open_columns
from flows.normalise.record_sql import (
    absent_column,
    hash_parameters,
    insert,
    issue_column,
    looked_up,
    may_be_absent,
    unit_column,
    units_of,
)
from flows.normalise.unsettled_words import nearest_units
from flows.normalise.written_rows import batches_with_repeats_said, with_month_days
from flows.read import (
    ISSUE_COLUMN,
    READER_FAILED,
    Problem,
    ReaderKilled,
    Table,
    close_readers,
    place_of,
    read_ahead,
    read_file,
)
from flows.read.formats.number_formats import cell_issue

#: A batch ends when its files exceed this size; workbooks are held in memory, ten times their bytes.
BATCH_BYTES = 512 << 20
#: … or this number. Planning an INSERT costs as much as a thousand rows, so a batch takes many files.
BATCH_FILES = 2000
#: A running INSERT keeps some of what it has read alive: each is given no more rows than these.
INSERT_ROWS = 1_000_000

#: The optimizer takes a stream, and rows not yet committed, for few and would build its hash tables on them,
#: that is, keep whole files in memory: joins are done in the order they are written. Lists of words stay
#: inside their CASE: as joins they would be asked for every row, not for those that need them.
AS_WRITTEN = "join_order,build_side_probe_side,in_clause"

Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)


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
            progress(_("files"), done, len(deliveries))
    con.execute("reset disabled_optimizers")


def _load_or_split(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    batch: Sequence[Delivery],
    kinds: Mapping[str, Record],
    only: Collection[str] | None,
) -> None:
    """Load a batch; one that fails is halved until the file that fails is alone, and becomes one issue.

    What no file is to blame for ends the load, and the batch stays unloaded.
    """
    try:
        _load_batch(con, vault, batch, kinds, only)
    except Exception as error:
        con.execute("rollback")
        for delivery in batch:
            vault.path(delivery.sha256)  # one that is missing or was changed is no district's bad file
        raise_trouble(error, f"deliveries {batch[0].delivery_id} to {batch[-1].delivery_id} are")
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
    keep_accounts(con, [arrival], kinds, vault.redacted)
    seal(con, "meta")
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
        arrivals, unread = _read_all(vault, batch, kinds, only)
        for arrival in arrivals:
            if arrival.reading and only is None:  # a trace holds no lock and writes nothing
                vault.note_stopped(arrival.delivery.sha256, arrival.reading.stopped)
        if arrivals:
            _load_arrivals(con, vault, arrivals, kinds)
        for check in checked:
            check.result()
    if only is None:
        _note_unread(con, vault, batch, unread)
    seal(con, "core", "meta")
    con.execute("commit")


def _read_all(
    vault: Vault, batch: Sequence[Delivery], kinds: Mapping[str, Record], only: Collection[str] | None
) -> tuple[list[Arrival], list[Delivery]]:
    """What was read, and the deliveries whose reader was killed. They are read once more with no other reader beside."""

    def read(delivery: Delivery) -> Arrival | Delivery:
        try:
            return _read(vault, delivery, kinds, only)
        except ReaderKilled:
            return delivery

    found = list(read_ahead(read, batch))
    if any(isinstance(one, Delivery) for one in found):
        close_readers()
        found = [read(one) if isinstance(one, Delivery) else one for one in found]
    unread = [one for one in found if isinstance(one, Delivery)]
    if unread and only is not None:  # a trace proves nothing without it
        raise LoadUnfinished(
            _("the system killed the reader of delivery {number}", number=unread[0].delivery_id)
        )
    return [one for one in found if isinstance(one, Arrival)], unread


def _note_unread(
    con: duckdb.DuckDBPyConnection, vault: Vault, batch: Sequence[Delivery], unread: Sequence[Delivery]
) -> None:
    ids = [d.delivery_id for d in batch]
    con.execute("delete from meta.unread where list_contains($ids, delivery_id)", {"ids": ids})
    for d in unread:
        _log.warning("delivery %d: the system killed its reader, it stays unloaded", d.delivery_id)
        con.execute(
            "insert into meta.unread by name select $id as delivery_id, $sender as sender, $name as name, "
            "$received as received_at, $withdrawn as withdrawn_at",
            {
                "id": d.delivery_id,
                "sender": d.sender,
                "name": vault.redacted(d.name),
                "received": d.received_at,
                "withdrawn": d.withdrawn_at,
            },
        )


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
    keep_accounts(con, arrivals, kinds, vault.redacted)


def _read(
    vault: Vault, delivery: Delivery, kinds: Mapping[str, Record], only: Collection[str] | None
) -> Arrival:
    if delivery.sender is None:
        near = "、".join(nearest_units(delivery.folder).values())
        return Arrival(delivery, problems=[Problem("sender_unknown", hint=near)])
    own = spellings().get(delivery.sender)
    known = vault.stopped(delivery.sha256)
    reading = read_file(vault.place(delivery.sha256), delivery.name, kinds, own, stopped=known)
    for fault in reading.faults:
        raise_trouble(fault, f"delivery {delivery.delivery_id} and those after it are")
        _log.warning("delivery %d: %s, %s", delivery.delivery_id, READER_FAILED, place_of(fault))
        vault.note_error(f"delivery {delivery.delivery_id}", fault)
    return Arrival(delivery, reading, only=only)


def _insert_rows(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    record: Record,
    parts: Sequence[tuple[int, Table]],
    arrivals: Sequence[Arrival],
) -> None:
    senders = {a.delivery.delivery_id: a.delivery.sender for a in arrivals}
    if record.grouped:
        con.execute(PERSON_DIFFERS)
    insert_parts(con, record, parts, senders, vault.hmac_pads(), vault.redacted_cell)
    con.execute(mark_duplicates(record), span(arrivals))
    if record.grouped:
        con.execute("drop table person_differs")
    con.execute(
        f"insert into meta.part_unit select distinct part_id, unit_code from core.{record.record} "
        "where part_id between $first and $last and unit_code is not null",
        span(arrivals),
    )


def insert_parts(
    con: duckdb.DuckDBPyConnection,
    record: Record,
    parts: Sequence[tuple[int, Table]],
    senders: Mapping[int, str | None],
    pads: tuple[bytes, bytes],
    said: Callable[[str], str],
) -> None:
    """Type and judge the rows of tables into `core.<record>`. `senders`: by part id // `PARTS_PER_DELIVERY`; `pads`:
    the padded keys of names and IDs; `said`: a text as a table may hold it."""
    con.register("part_context", _part_context(record, parts, senders))
    schema = pa.schema(
        [("part_id", pa.int64()), ("row_number", pa.int32()), ("reader_issue", pa.string())]
        + [(c.name, pa.string()) for c in record.read_columns]
        + [(issue_column(c), pa.string()) for c in looked_up(record)]
    )
    stream = _stream(schema, record, parts, senders, said)
    statement = insert(record)
    hashed = hash_parameters(statement, pads)
    left: list[pa.RecordBatch] = []
    while (first := left.pop() if left else next(stream, None)) is not None:
        faults: list[BaseException] = []
        portion = _watched(_portion(first, stream, left), faults)
        con.register("arrival", pa.RecordBatchReader.from_batches(schema, portion))
        try:
            con.execute(statement, hashed)
        except duckdb.Error:
            if faults:
                raise faults[0] from None
            raise
        con.unregister("arrival")
        if record.grouped:
            insert_grouped(con, record, pads)
    con.unregister("part_context")


def _part_context(
    record: Record, parts: Sequence[tuple[int, Table]], senders: Mapping[int, str | None]
) -> pa.Table:
    """What each table says of all its rows: who sent it, what it covers, units of measure, columns that it has not."""
    lines: list[dict[str, object]] = []
    for part_id, table in parts:
        missing = {c.column_name: c.why for c in open_columns(record, table)}
        units = {m.column: m.unit for m in table.columns if m.column}
        said: dict[str, object] = {
            "part_id": part_id,
            "sender": senders[part_id // PARTS_PER_DELIVERY],
            "covers_from": table.covers_from,
            "covers_to": table.covers_to,
            "held_columns": [name for name, why in missing.items() if why == "held"] or None,
        }
        said |= {
            unit_column(c): units.get(c.name) or ("人/人次" if c.unit == "人次" else c.unit)
            for c in units_of(record)
        }
        lines.append(said | {absent_column(c): c.name in missing for c in may_be_absent(record)})
    fields = [("part_id", pa.int64()), ("sender", pa.string()), ("covers_from", pa.date32())]
    fields += [("covers_to", pa.date32()), ("held_columns", pa.list_(pa.string()))]
    fields += [(unit_column(c), pa.string()) for c in units_of(record)]
    fields += [(absent_column(c), pa.bool_()) for c in may_be_absent(record)]
    return pa.Table.from_pylist(lines, pa.schema(fields))


def _stream(
    schema: pa.Schema,
    record: Record,
    parts: Sequence[tuple[int, Table]],
    senders: Mapping[int, str | None],
    said: Callable[[str], str],
) -> Iterator[pa.RecordBatch]:
    """The batches of all parts, names looked up and texts redacted, widened to one schema: a column that a file lacks
    is NULL."""
    named = looked_up(record)
    texts = [c.name for c in record.read_columns if c.type is ColumnType.TEXT and c.stored]
    days = [c for c in record.read_columns if c.type in (ColumnType.DATE, ColumnType.SPAN)]
    for part_id, table in parts:
        sender = senders[part_id // PARTS_PER_DELIVERY]
        own = own_codes().get((sender or "", record.record), {})
        lookup = Lookup(reference(), sender or "", table.covers_to or date.max, own)
        for batch in batches_with_repeats_said(table, record):
            if batch.num_rows == 0:
                continue
            present = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
            present["part_id"] = pa.repeat(pa.scalar(part_id, pa.int64()), batch.num_rows)
            if ISSUE_COLUMN in present:
                present["reader_issue"] = present.pop(ISSUE_COLUMN)
            for column in days:
                if column.name in present:
                    present[column.name] = with_month_days(column, present[column.name])
            for name in texts:
                if name in present:
                    present[name] = _redacted(present[name], said)
            for column in named:
                if column.name in present:
                    found = lookup.column(column, present[column.name])
                    present[column.name], present[issue_column(column)] = found
            arrays = [
                present[f.name] if f.name in present else pa.nulls(batch.num_rows, f.type) for f in schema
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _redacted(cells: pa.Array, said: Callable[[str], str]) -> pa.Array:
    """Text cells as a table may hold them, judged once per distinct text; what a sheet shows in place of a value stays."""
    coded = cells.dictionary_encode()
    texts = [text if cell_issue(text) else said(text) or None for text in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def _watched(stream: Iterator[pa.RecordBatch], faults: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """The same batches; what ends them too early is kept as it is, because DuckDB has only its text."""
    try:
        yield from stream
    except BaseException as error:
        faults.append(error)
        raise


def _portion(
    batch: pa.RecordBatch | None, stream: Iterator[pa.RecordBatch], left: list[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Batches off the front of a stream: whole tables, and no more than `INSERT_ROWS` of one, whatever else is loaded
    with it; `left` gets the batch that was one too many."""
    rows = of_part = 0
    part: int | None = None
    while batch is not None:
        here = batch.column("part_id")[0].as_py()
        if here != part:
            if rows >= INSERT_ROWS // 2:
                left.append(batch)
                return
            part, of_part = here, 0
        rows, of_part = rows + batch.num_rows, of_part + batch.num_rows
        yield batch
        if of_part >= INSERT_ROWS:
            return
        batch = next(stream, None)


def _drain(arrival: Arrival) -> None:
    """Count the cells of tables of which nothing was loaded: all of it is accounted for."""
    for table in arrival.reading.tables if arrival.reading else ():
        for _batch in table.batches():
            pass
