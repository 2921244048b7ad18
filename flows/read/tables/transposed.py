"""Forms whose headers stand in a column and whose records stand beside it, one in each column.

Such a form is turned before it is read: its rows are the sheet's columns, so a row number of the table is a
column of the sheet (`Table.is_turned` says so). A line above the headers may say what the columns are: the unit of
measure belongs to the header, and last year's figures are no record of this year. Refuses anything larger than a
form, and a column of headers in which a third is unknown (half, below the word 指标): a list whose first column
holds such words is a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from flows.contract.text import column_letter, column_number, header_key
from flows.read.formats.process.payload import SheetStructure
from flows.read.grid import Chunk, Grid, GridView, Head, arrays
from flows.read.reading import Problem
from flows.read.tables.detect import DetectedTable, Search
from flows.read.tables.slice import SheetSlice

MOST_ROWS, MOST_COLUMNS = 300, 60
#: A header may stand in one of the first columns: before it only serial numbers do.
_HEADER_COLUMNS = 3
_LABELS = re.compile(r"(?:统计)?(?:指标|项目)(?:名称)?")
_UNITS = ("计量单位", "单位")
#: Columns beside the record of the year.
_ASIDE = re.compile(r"代码|行次|序号|(?:上年|去年|上一年|同期).*|.*(?:增减|增长|同比|比上年).*|备注|说明")
#: `单位：万元` is a note.
_KEYED = re.compile(r"(?<!其中)[:：].")


class TransposedGrid(GridView):
    """A grid with rows and columns exchanged, between the first and the last row that has a known header.

    `below`: what stands below the form, `before`: left of its headers, `aside`: in columns that are no record.
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
        self._rows = {number: list(cells) for number, cells in rows if first <= number <= last}
        labels = {i: header_key(cell) for i, cell in enumerate(_labels_above(rows, column, first), 1)}
        aside = [
            i for i, label in labels.items() if i > column and (label in _UNITS or _ASIDE.fullmatch(label))
        ]
        for cells in self._rows.values():
            for unit in (
                cells[i - 1] for i in aside if labels[i] in _UNITS and i <= len(cells) and cells[i - 1]
            ):
                cells[column - 1] = f"{cells[column - 1]}({unit})"
        records = [i for i in range(column, max(map(len, self._rows.values())) + 1) if i not in aside]
        titles = [(0, cells) for number, cells in rows if number < first]
        self._records = [(position, self._record(position)) for position in records]
        self.head = [*titles, *self._records]
        self.below = [cell for number, cells in rows if number > last for cell in cells if cell]
        self.before = [cell for cells in self._rows.values() for cell in cells[: column - 1] if cell]
        self.aside = [
            cells[i - 1] for cells in self._rows.values() for i in aside if i <= len(cells) and cells[i - 1]
        ]

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


def _labels_above(rows: Head, column: int, first: int) -> list[str]:
    """The line right above the headers, if it says what the columns beside them are."""
    above = next((cells for number, cells in rows if number == first - 1), [])
    return above if len(above) > column and above[column - 1] and sum(map(bool, above)) > 1 else []


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
        known = [n for n, text in names if _is_name(text, search)]
        if len(known) < 3:
            continue
        first, last = known[0], known[-1]
        labels = _labels_above(rows, column, first)
        least = 1 if labels and _LABELS.fullmatch(header_key(labels[column - 1])) else 2
        if len(known) * (least + 1) >= sum(first <= number <= last for number, _ in names) * least:
            return TransposedGrid(grid, rows, column, first, last)
    return None


def _is_name(text: str, search: Search) -> bool:
    """Whether a cell names a column of some kind; 指标 names what stands below it."""
    is_label = _KEYED.search(text) or _LABELS.fullmatch(header_key(text))
    return not is_label and bool(search.headers.cell(text).columns)
