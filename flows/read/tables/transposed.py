"""Forms whose headers stand in a column and whose records stand beside it, one in each column.

Such a form is turned before it is read: its rows are the sheet's columns, so a row number of the table is a
column of the sheet (`Table.is_transposed` says so). Refuses anything larger than a form, and a column of headers
in which a third is unknown: a list whose first column holds such words is a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from flows.contract.text import column_letter, column_number
from flows.read.formats.process.payload import SheetStructure
from flows.read.grid import Chunk, Grid, GridView, Head, arrays
from flows.read.reading import Problem
from flows.read.tables.detect import DetectedTable, Search
from flows.read.tables.slice import SheetSlice

MOST_ROWS, MOST_COLUMNS = 300, 60
#: A header may stand in one of the first columns: before it only serial numbers do.
_HEADER_COLUMNS = 3
#: `单位：万元` is a note.
_KEYED = re.compile(r"[:：].")


class TransposedGrid(GridView):
    """A grid with rows and columns exchanged, between the first and the last row that has a known header.

    `below`: what stands below the form, `before`: left of its headers.
    """

    def __init__(self, grid: Grid, rows: Head, column: int, first: int, last: int) -> None:
        """A form on its side.

        Args:
            grid: the form.
            rows: its rows.
            column: in which its headers stand.
            first: row of the first header.
            last: row of the last one.
        """
        super().__init__(grid)
        self.structure, self.width, self.header_column, self._last = SheetStructure(), last, column, last
        self._rows = {number: cells for number, cells in rows if first <= number <= last}
        records = range(column, max(map(len, self._rows.values())) + 1)
        titles = [(0, cells) for number, cells in rows if number < first]
        self._records = [(position, self._record(position)) for position in records]
        self.head = [*titles, *self._records]
        self.below = [cell for number, cells in rows if number > last for cell in cells if cell]
        self.before = [cell for cells in self._rows.values() for cell in cells[: column - 1] if cell]

    def _record(self, column: int) -> list[str]:
        return [self._rows.get(row, [""] * column)[column - 1] for row in range(1, self._last + 1)]

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """The records in the columns to the right of column `after`."""
        records = [(n, cells) for n, cells in self._records if n > max(after, self.header_column)]
        if records:
            numbers = np.array([number for number, _ in records], dtype=np.int32)
            blank = [""] * (width - self._last)
            yield Chunk(numbers, arrays([[*cells, *blank] for _, cells in records], width))

    def in_sheet(self, problem: Problem) -> Problem:
        """A finding about a header with the address that it has in the sheet."""
        letters = problem.column_name or ""
        if not re.fullmatch("[A-Z]{1,2}", letters):  # none, or the label of a column that is missing
            return replace(problem, row_number=None)
        row, column = column_number(letters), column_letter(self.header_column)
        return replace(problem, row_number=row, column_name=column)


def transposed_table(search: Search) -> DetectedTable | None:
    """The table of a form whose records stand in columns; None if no record is recognised by its headers."""
    form = _form(search)
    if form is None:
        return None
    table = replace(search, grid=form).table
    if isinstance(table, Problem) or table.header_row != form.header_column:
        return None
    return table


def _form(search: Search) -> TransposedGrid | None:
    grid = search.grid
    if not isinstance(grid, SheetSlice) or grid.width > MOST_COLUMNS:
        return None
    rows: list[tuple[int, list[str]]] = []
    for chunk in grid.body(0, grid.width):
        if chunk.irregular or len(rows) + len(chunk.numbers) > MOST_ROWS:
            return None
        rows += chunk.rows()
    for column in range(1, min(_HEADER_COLUMNS, grid.width - 1) + 1):
        names = [(number, cells[column - 1]) for number, cells in rows if cells[column - 1]]
        known = [n for n, text in names if search.headers.cell(text).columns and not _KEYED.search(text)]
        if len(known) < 3:
            continue
        first, last = known[0], known[-1]
        if len(known) * 3 >= sum(first <= number <= last for number, _ in names) * 2:
            return TransposedGrid(grid, rows, column, first, last)
    return None
