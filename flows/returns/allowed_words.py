"""What the tables of a returned file may hold: headers that are known, words that a cell may be chosen from.

So that one round is enough: whoever corrects a header or a code sees what would have been understood, and picks it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flows.contract.offered_words import offered_words
from flows.contract.record import Column, ColumnType, Record
from flows.contract.text import column_letter
from flows.read.reading import MappedColumn, Table
from flows.read.roundtrip.sheet_view import View
from flows.returns.sheet_setup import Area, Offer

#: What stands on top of the words for a header, in their list and in the prompt of the cell.
HEADERS = "表头"


@dataclass(frozen=True)
class TableHead:
    """The headers of one table: those that were understood, and each open one with what it may be called instead."""

    sheet: str
    label: str
    understood: tuple[str, ...]
    open_: tuple[tuple[str, str, tuple[str, ...]], ...]  # letter, header as found, names that are known
    free: tuple[str, ...]  # names that no header of the table has yet


def heads_of(view: View, kinds: Mapping[str, Record]) -> Iterator[TableHead]:
    """The heads of a sheet's tables."""
    for table in view.tables:
        record = kinds[table.record or ""]
        yield TableHead(
            view.sheet,
            record.label,
            tuple(m.header for m in table.columns if m.column),
            tuple(
                (column_letter(m.position), m.header, tuple(record.columns[c].label for c in m.candidates))
                for m in table.columns
                if m.is_held
            ),
            tuple(c.label for c in _free(table, record)),
        )


def offers_of(
    view: View, kinds: Mapping[str, Record], in_question: Collection[str], sender: str
) -> list[Offer]:
    """What may be chosen in a sheet: in the columns in question and those of towns, and in each open header."""
    found: dict[tuple[str, tuple[str, ...]], list[Area]] = {}
    for table in view.tables:
        rows = [row for row in view.data if view.table_at(row) is table]
        if table.is_turned or not rows:
            continue
        record = kinds[table.record or ""]
        year = table.covers_to.year if table.covers_to else None
        years = (table.covers_from.year, year) if table.covers_from and year else (1, 9999)
        for m in table.columns:
            area = (min(rows), max(rows), m.position - 1)
            if m.is_held:
                row = header_cell(view, table.header_row, m.position - 1)
                names = _names_for(m, table, record)
                found.setdefault((HEADERS, names), []).append((row, row, m.position - 1))
            elif m.column and _is_offered(record.columns[m.column], in_question):
                column = record.columns[m.column]
                title = column.label if m.header == column.label else f"{column.label}（{m.header}）"
                found.setdefault((title, offered_words(column, years, sender)), []).append(area)
    return [Offer(title, words, tuple(areas)) for (title, words), areas in found.items() if words]


def header_cell(view: View, header_row: int, position: int) -> int:
    """The row of a column's own header: the lowest cell of its head that says something."""
    table = view.table_at(header_row)
    bottom = header_row + (table.header_rows if table else 1) - 1
    said = [
        row
        for row in range(header_row, bottom + 1)
        if position < len(cells := view.rows.get(row, [])) and cells[position]
    ]
    return max(said, default=header_row)


def _is_offered(column: Column, in_question: Collection[str]) -> bool:
    return column.name in in_question or column.type is ColumnType.DIVISION


def _names_for(m: MappedColumn, table: Table, record: Record) -> tuple[str, ...]:
    """What an open header may be called: what its cells fit first, then every column that the table has not yet."""
    likely = [record.columns[name].label for name in m.candidates]
    return tuple(dict.fromkeys([*likely, *(c.label for c in _free(table, record))]))


def _free(table: Table, record: Record) -> list[Column]:
    used = {m.column for m in table.columns} | {*table.filled}
    return [c for c in record.read_columns if c.name not in used]
