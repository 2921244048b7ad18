"""Forms whose headers stand in a column and whose records stand beside it, one in each column.

Such a form is turned before it is read: its rows are the sheet's columns, so a row number of the table is a
column of the sheet (`Table.is_turned` says so). Refuses anything larger than a form, and a column of headers
in which a third is unknown: a list whose first column holds such words is a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from flows.read.grid import Chunk, Structure
from flows.read.tables.headers import Headers
from flows.read.tables.slice import Window, row_texts

MOST_ROWS, MOST_COLUMNS = 300, 60
#: A header may stand in one of the first columns: before it only serial numbers do.
_HEADER_COLUMNS = 3
#: `单位：万元` is a note.
_KEYED = re.compile(r"[:：].")


class Turned:
    """A window with rows and columns exchanged, between the first and the last row that has a known header."""

    structure = Structure()

    def __init__(
        self, window: Window, rows: Sequence[tuple[int, list[str]]], column: int, first: int, last: int
    ) -> None:
        self.sheet, self.inside = window.sheet, window.inside
        self.header_column, self.first, self.last = column, first, last
        self._rows = {number: cells for number, cells in rows if first <= number <= last}
        self.width = last
        self._columns = max(len(cells) for cells in self._rows.values())
        titles = [(0, cells) for number, cells in rows if number < first]
        self.head = [*titles, *((c, self._turn(c)) for c in range(column, self._columns + 1))]
        #: What stands below the form, and before its headers.
        self.beside = [cell for number, cells in rows if number > last for cell in cells if cell]
        self.before = [cell for cells in self._rows.values() for cell in cells[: column - 1] if cell]

    def _turn(self, column: int) -> list[str]:
        return [self._rows.get(row, [""] * column)[column - 1] for row in range(1, self.last + 1)]

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """The records in the columns to the right of column `after`."""
        first = max(after, self.header_column) + 1
        records = [self._turn(column) for column in range(first, self._columns + 1)]
        if records:
            cells = [
                pa.array([text or None for text in column], pa.string())
                for column in zip(*records, strict=True)
            ]
            cells += [pa.nulls(len(records), pa.string())] * (width - len(cells))
            yield Chunk(np.arange(first, first + len(records), dtype=np.int32), cells)


def turned(window: Window, headers: Headers) -> Turned | None:
    """The form that a window holds, or None."""
    if window.width > MOST_COLUMNS:
        return None
    rows: list[tuple[int, list[str]]] = []
    for chunk in window.body(0, window.width):
        if chunk.loose or len(rows) + len(chunk.numbers) > MOST_ROWS:
            return None
        rows += ((int(number), row_texts(chunk, i)) for i, number in enumerate(chunk.numbers))
    for column in range(1, min(_HEADER_COLUMNS, window.width - 1) + 1):
        named = [(number, cells[column - 1]) for number, cells in rows if cells[column - 1]]
        known = [number for number, text in named if headers.find(text)[0] and not _KEYED.search(text)]
        if len(known) < 3:
            continue
        within = [text for number, text in named if known[0] <= number <= known[-1]]
        if len(known) * 3 >= len(within) * 2:
            return Turned(window, rows, column, known[0], known[-1])
    return None
