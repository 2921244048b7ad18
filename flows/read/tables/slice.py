"""Slices of a grid: one table of several in a sheet, without what is hidden.

Rows and columns keep their numbers, so that every address stays that of the sheet; what lies outside of a
slice is blank to whoever reads it. Hidden rows and columns are outside of all slices: a filter left on, or
a column folded away, is not what a district showed to its own office, so it is reported and never counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from flows.read.grid import HEAD_ROWS, Chunk, Grid, GridView, blanked

#: Beyond any sheet.
END = 1 << 30


class CachedGrid(GridView):
    """A grid of a size that is kept in memory, to be looked at more than once: a sheet, or a short text."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid, self._keeps = grid, True
        self._chunks: dict[int, tuple[int, list[Chunk]]] = {}  # width → row after which they begin, chunks
        self._records = np.zeros(0, dtype=np.int64)  # first lines of the records of a text

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, as chunks of exactly `width` columns."""
        following = int(np.searchsorted(self._records, after, side="right"))
        if 0 < following < len(self._records):
            after = int(self._records[following]) - 1  # a record of several lines is not begun in its middle
        if not self._keeps:
            yield from self._grid.body(after, width)
            return
        if width not in self._chunks or self._chunks[width][0] > after:
            # a text is read on from `after`: only from there on do its rows have that width
            start = after if self.is_text else 0
            self._chunks[width] = start, list(self._grid.body(start, width))
            if self.is_text and not len(self._records):
                chunks = self._chunks[width][1]
                irregular = [row.number for chunk in chunks for row in chunk.irregular]
                self._records = np.sort(
                    np.concatenate([np.array(irregular, dtype=np.int64), *(c.numbers for c in chunks)])
                )
        for chunk in self._chunks[width][1]:
            part = chunk.between(after + 1, END)
            if len(part.numbers) or part.irregular:
                yield part

    def forget(self) -> None:
        """Let go of the rows of a text: many files wait for their turn, and each is parsed again when it has come."""
        if self.is_text:
            self._chunks.clear()
            self._keeps = False


class SheetSlice(GridView):
    """Rows `first`..`last` and columns `left`..`right` (from 1, both included) of a grid, without what is hidden."""

    def __init__(
        self,
        grid: CachedGrid,
        first: int = 1,
        last: int = END,
        left: int = 1,
        right: int = END,
        titles: int = 0,
    ) -> None:
        """A slice.

        Args:
            grid: the whole sheet.
            first: row with which the slice begins.
            last: its last row.
            left: column with which it begins.
            right: its last column.
            titles: rows up to here show all columns, because a title above two tables belongs to both.
        """
        super().__init__(grid)
        self.grid, self.first, self.last, self.left, self.right, self.titles = (
            grid,
            first,
            last,
            left,
            right,
            titles,
        )
        if left > 1 or right < grid.width:
            merges = [m for m in grid.structure.merges if left <= m[1] <= right or m[0] <= titles]
            self.structure = replace(grid.structure, merges=merges)
        self._hidden_rows = frozenset(grid.structure.hidden_rows)
        self.head = self._head()

    @property
    def span(self) -> tuple[int, ...]:
        """What tells this slice of a grid from others."""
        return self.first, self.last, self.left, self.right, self.titles

    def _head(self) -> list[tuple[int, list[str]]]:
        """The first rows of the slice; where it begins below those of the grid, its body is asked for them."""
        whole = self.grid.head
        if not whole or (self.first > whole[0][0] and self.first + HEAD_ROWS > whole[-1][0]):
            rows = chain.from_iterable(
                chunk.rows(HEAD_ROWS) for chunk in self.grid.body(self.first - 1, self.width)
            )
            whole = list(islice(rows, HEAD_ROWS))
        hidden = [frozenset(self._outside(row, len(cells))) for row, cells in whole]
        return [
            (row, [*blanked(cells, outside)])
            for (row, cells), outside in zip(whole, hidden, strict=True)
            if self.first <= row <= self.last and row not in self._hidden_rows
        ]

    def _outside(self, row: int, width: int) -> list[int]:
        """0-based positions that a row does not show."""
        columns = self.structure.hidden_columns
        shows_all = row <= self.titles or (self.left == 1 and self.right >= width)
        if shows_all and not columns:
            return []
        inside = range(1, width + 1) if row <= self.titles else range(self.left, self.right + 1)
        return [i - 1 for i in range(1, width + 1) if i not in inside or i in columns]

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows of the slice below row `after`, as chunks of exactly `width` columns."""
        for whole in self.grid.body(max(after, self.first - 1), width):
            part = whole.between(self.first, self.last)
            if len(part.numbers) or part.irregular:
                part = part.only_rows(self._hidden_rows, excluded=True) if self._hidden_rows else part
                longest = max((len(row.cells) for row in part.irregular), default=0)
                yield part.without_columns(self._outside(END, max(width, longest)))

    def above(self, row: int) -> SheetSlice:
        """The rows before one."""
        return SheetSlice(self.grid, self.first, min(self.last, row - 1), self.left, self.right, self.titles)

    def below(self, row: int) -> SheetSlice:
        """The rows from one on."""
        return SheetSlice(self.grid, row, self.last, self.left, self.right, self.titles)

    def columns(self, left: int, right: int, titles: int) -> SheetSlice:
        """The columns of a span, with the rows up to `titles` in full."""
        return SheetSlice(self.grid, self.first, self.last, left, right, titles)


def hidden_cells(grid: Grid) -> tuple[int, int | None, int | None]:
    """Non-empty cells in hidden rows and columns, and the first such row and column."""
    hidden_rows, hidden_columns = grid.structure.hidden_rows, grid.structure.hidden_columns
    cells, first_row, first_column = 0, None, None
    for chunk in grid.body(0, grid.width) if hidden_rows or hidden_columns else ():
        in_row = np.isin(chunk.numbers, list(hidden_rows))
        for position, column in enumerate(chunk.columns, 1):
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            is_hidden = position in hidden_columns
            hidden = valid if is_hidden else valid & in_row
            if not hidden.any():
                continue
            cells += int(hidden.sum())
            if is_hidden:
                first_column = min(position, first_column or END)
            else:
                first_row = min(int(chunk.numbers[np.argmax(hidden)]), first_row or END)
    return cells, first_row, first_column
