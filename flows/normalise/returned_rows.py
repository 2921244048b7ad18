"""A returned file that came back: its rows beside those of the file that went out, cell by cell.

Rows are matched by the key in their own line, so that sorting, inserting and renaming do not matter. Refuses
a key that its check does not confirm, and one of another sender's file. Both files are read from the vault;
the database gets addresses and column names, never a cell. What decides does not depend on when a build
runs: issues that follow from other deliveries are left out of account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from flows.contract.record import Record
from flows.contract.spelling import spellings
from flows.database.connect import sql_text
from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.normalise.arrival import PARTS_PER_DELIVERY, held
from flows.normalise.machine_trouble import raise_trouble
from flows.read.roundtrip.marks import RETURN_COLUMN, RETURN_SHEET, RowKey
from flows.read.roundtrip.sheet_diff import SheetComparison, cell, paired
from flows.read.roundtrip.sheet_view import View, look_through

#: A file with more rows goes back as an extract without keys: it is corrected in the district's own file.
MOST_ROWS = 50_000

_SCHEMA = pa.schema(
    [
        ("delivery_id", pa.int32()),
        ("sheet", pa.string()),
        ("row_number", pa.int32()),
        ("part_id", pa.int64()),
        ("from_delivery_id", pa.int32()),
        ("from_sheet", pa.string()),
        ("from_row_number", pa.int32()),
        ("outcome", pa.string()),
        ("changed_columns", pa.list_(pa.string())),
        ("unasked_columns", pa.list_(pa.string())),
    ]
)


#: Issues that ask for the whole row, or for its removal.
_REPEATED = ("duplicate_row", "key_conflict")


@dataclass
class Judged:
    """What is known of a row: 0 clean, 1 with warnings, 2 with errors, and the columns that were asked for."""

    rank: int = 0
    asked: set[str] = field(default_factory=set)
    is_asked_whole: bool = False
    is_repeat: bool = False
    was_held: bool = False


@dataclass
class Side:
    """One of the two files: the views of its sheets and what was found in their rows."""

    delivery: Delivery
    views: list[View]
    judged: dict[tuple[str, int], Judged]

    def at(self, view: View, row: int) -> Judged:
        """A row's findings; every row of a table that is held back counts as one with an error, below a header that may
        mean something as one with a warning."""
        found = self.judged.get((view.sheet, row), Judged())
        table = view.table_at(row)
        if table and held(table) is not None:
            return Judged(2, found.asked, was_held=True)
        if table and any(mapped.candidates for mapped in table.columns if mapped.is_held):
            return replace(found, rank=max(found.rank, 1))
        return found


def match_returned(
    con: duckdb.DuckDBPyConnection, vault: Vault, deliveries: Sequence[Delivery], kinds: Mapping[str, Record]
) -> None:
    """Fill `meta.returned_row` for deliveries that came back with our marks and were not matched yet.

    A delivery that cannot be matched gets one line that says so; the error's text stays in the vault.
    """
    found = con.execute(
        "select distinct delivery_id from meta.cell_account where class in ($column, $sheet) "
        "and delivery_id not in (select delivery_id from meta.returned_row) order by delivery_id",
        {"column": RETURN_COLUMN, "sheet": RETURN_SHEET},
    ).fetchall()
    known = {d.delivery_id: d for d in deliveries}
    for delivery in (known[row[0]] for row in found):
        try:
            lines = list(Matching(con, vault, delivery, known, kinds).lines())
        except Exception as error:  # one file's fault must not end the build for the others
            raise_trouble(error, "returned rows of the last deliveries are")
            vault.note_error(f"delivery {delivery.delivery_id}, matching", error)
            lines = []
        lines = lines or [_line(delivery, None, None, None, "unmatched")]
        columns = [
            pa.array([vault.redacted(x) if x and f.name in ("sheet", "from_sheet") else x for x in v], f.type)
            for v, f in zip(zip(*lines, strict=True), _SCHEMA, strict=True)
        ]
        con.register("lines", pa.Table.from_arrays(columns, schema=_SCHEMA))
        con.execute("insert into meta.returned_row by name select * from lines")
        con.unregister("lines")


@dataclass
class Matching:
    """One delivery that came back, beside the files its keys point to (`sources`, by number)."""

    con: duckdb.DuckDBPyConnection
    vault: Vault
    delivery: Delivery
    known: Mapping[int, Delivery]
    kinds: Mapping[str, Record]
    sources: dict[int, Side] = field(default_factory=dict)
    #: (delivery, sheet) of the source → its rows that came back, and the sheet on which the first of them did
    back: dict[tuple[int, str], tuple[set[int], View]] = field(default_factory=dict)
    beside: dict[tuple[int, int], SheetComparison] = field(default_factory=dict)

    def lines(self) -> Iterator[tuple[object, ...]]:
        """The rows of `meta.returned_row`; none where no row has a key."""
        new = _side(self.con, self.vault, self.delivery, self.kinds, 2 * MOST_ROWS)
        if not any(view.keys for view in new.views):
            return
        for view in new.views:
            for row in sorted(view.data | set(view.keys)):
                table = view.table_at(row)
                if row in view.keys:
                    yield self._of_row(new, view, row)
                elif table is not None and held(table) is None:
                    yield _line(self.delivery, view, row, None, "new")
        for (number, sheet), (rows, view) in self.back.items():
            origin = next(v for v in self.sources[number].views if v.sheet == sheet)
            yield from _gone(self.delivery, view, self.sources[number], origin, rows)

    def _of_row(self, new: Side, view: View, row: int) -> tuple[object, ...]:
        """What became of a row with a key; the same key twice is no key the second time."""
        key = RowKey.parse(view.keys[row])
        origin = self._origin(key) if key else None
        if key is None or origin is None:
            return _line(self.delivery, view, row, None, "key_invalid")
        rows, _ = self.back.setdefault((key.delivery_id, origin.sheet), (set(), view))
        if key.row_number in rows:
            return _line(self.delivery, view, row, None, "key_invalid")
        rows.add(key.row_number)
        beside = self.beside.setdefault((id(origin), id(view)), SheetComparison(origin, view))
        changed = beside.changed(key.row_number, row)
        before = self.sources[key.delivery_id].at(origin, key.row_number)
        table = view.table_at(row)
        if table is not None and table.record is not None:
            # what other lists do not have was asked for, too, at a time that nobody remembers
            referring = {refer.column for refer in self.kinds[table.record].refers}
            before = replace(before, asked=before.asked | referring)
        outcome, unasked = _judge(before, new, view, row, changed)
        address = (key.delivery_id, origin.sheet, key.row_number)
        return _line(self.delivery, view, row, address, outcome, changed, unasked)

    def _origin(self, key: RowKey) -> View | None:
        """The sheet, of an earlier delivery of the same sender, for which a key's check is right."""
        source = self.known.get(key.delivery_id)
        if (
            source is None
            or source.sender != self.delivery.sender
            or source.delivery_id >= self.delivery.delivery_id
        ):
            return None
        if source.delivery_id not in self.sources:
            side = _side(self.con, self.vault, source, self.kinds, MOST_ROWS)
            self.sources[source.delivery_id] = side
        for view in self.sources[source.delivery_id].views:
            fits = RowKey.of(key.delivery_id, key.row_number, source.sha256, view.sheet) == key
            if fits and view.is_whole and key.row_number in view.rows:
                return view
        return None


def _side(
    con: duckdb.DuckDBPyConnection, vault: Vault, delivery: Delivery, kinds: Mapping[str, Record], limit: int
) -> Side:
    _, views = look_through(
        vault.path(delivery.sha256), delivery.name, kinds, limit, own=spellings().get(delivery.sender or "")
    )
    own = {vault.redacted(view.sheet): view.sheet for view in views}
    judged: dict[tuple[str, int], Judged] = {}
    found = con.execute(sql_text("ask", "row_issues"), {"id": delivery.delivery_id}).fetchall()
    for sheet, row, column, code, severity, record in found:
        entry = judged.setdefault((own.get(sheet, sheet), row), Judged())
        entry.rank = max(entry.rank, 2 if severity == "error" else 1)
        entry.is_repeat = entry.is_repeat or code in _REPEATED
        entry.is_asked_whole = entry.is_asked_whole or column is None or code in _REPEATED
        if column is not None:
            entry.asked |= {column, *_of_check(kinds.get(record or ""), code)}
    return Side(delivery, views, judged)


def _of_check(record: Record | None, code: str) -> Iterator[str]:
    """The columns that a check compares: where they disagree, any of them may be the wrong one."""
    rules = [check.rule for check in record.checks if check.id == code] if record else []
    for word in re.findall(r"[a-z_0-9]+", " ".join(rules)):
        for column in record.columns.values() if record else ():
            if word == column.name or word in [name for name, _ in column.stored]:
                yield column.name
                yield from re.findall(r"[a-z_0-9]+", column.derive or "")


def _judge(before: Judged, new: Side, view: View, row: int, changed: Iterable[int]) -> tuple[str, list[str]]:
    """A row's outcome and the changed columns that nothing had asked to change."""
    if row not in view.data:
        # Below a header that had been held back it is a note or a total, as it now turns out.
        return ("unchanged" if before.was_held else "missing"), []
    names = [view.name_of(row, position) for position in changed]
    unasked = [] if before.is_asked_whole else [name for name in names if name not in before.asked]
    if before.rank:
        return ("closed" if new.at(view, row).rank < before.rank else "open"), unasked
    return ("changed" if unasked else "unchanged"), unasked


def _gone(
    delivery: Delivery, view: View, old: Side, origin: View, back: set[int]
) -> Iterator[tuple[object, ...]]:
    """Rows and columns of a sheet that did not come back; removing a repeat is what had been asked for."""
    number = old.delivery.delivery_id
    for row in sorted(origin.data - back):
        outcome = "closed" if old.at(origin, row).is_repeat else "missing"
        yield _line(delivery, view, None, (number, origin.sheet, row), outcome)
    for table in origin.tables:
        now = [t for t in view.tables if t.record == table.record]
        lost = paired(table, now[0], origin.width)[1] if now else []
        rows = [origin.rows[row] for row in back & origin.data if origin.table_at(row) is table]
        names = [origin.name_of(table.header_row, p) for p in lost if any(cell(cells, p) for cells in rows)]
        if names:
            address = (number, origin.sheet, None)
            yield _line(delivery, view, None, address, "column_missing", (), names)


def _line(
    delivery: Delivery,
    view: View | None,
    row: int | None,
    address: tuple[int, str, int | None] | None,
    outcome: str,
    changed: Iterable[int] = (),
    unasked: Sequence[str] = (),
) -> tuple[object, ...]:
    """One row of `meta.returned_row`; without a view it is about the file."""
    tables = view.tables if view else ()
    table = view.table_at(row) if view and row else tables[0] if tables else None
    part = delivery.delivery_id * PARTS_PER_DELIVERY + table.ordinal if table else None
    names = [view.name_of(row, position) for position in changed] if view and row else list(unasked)
    sheet = view.sheet if view else ""
    return (
        delivery.delivery_id,
        sheet,
        row,
        part,
        *(address or (None, None, None)),
        outcome,
        names,
        list(unasked),
    )
