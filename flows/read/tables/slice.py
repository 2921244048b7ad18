"""Parts of a grid: one table of several in a sheet, without what is hidden.

Rows and columns keep their numbers, so that every address stays that of the sheet; what lies outside of a
window is blank to whoever reads it. Hidden rows and columns are outside of all windows: a filter left on, or
a column folded away, is not what a district showed to its own office, so it is reported and never counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flows.read.grid import Chunk, Grid, Loose, Structure

HEAD_ROWS = 100
#: Beyond any sheet.
END = 1 << 30


class Kept:
    """A grid of a size that is kept in memory, to be looked at more than once: a sheet, or a short text."""

    def __init__(self, grid: Grid) -> None:
        self.sheet, self.inside, self.structure, self.head = (
            grid.sheet,
            grid.inside,
            grid.structure,
            grid.head,
        )
        self._grid, self._keeps = grid, True
        self._chunks: dict[int, tuple[int, list[Chunk]]] = {}
        self._numbers = np.zeros(0, dtype=np.int64)  # of the records of a text: one may have several lines
        cells = max((len(cells) for _, cells in grid.head), default=1)
        self.width = int(getattr(grid, "width", 0)) or cells
        self.is_text = not hasattr(grid, "width")

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, as chunks of exactly `width` columns."""
        at = int(np.searchsorted(self._numbers, after, side="right"))
        if 0 < at < len(self._numbers):
            after = int(self._numbers[at]) - 1
        if not self._keeps:
            yield from self._grid.body(after, width)
            return
        if width not in self._chunks or self._chunks[width][0] > after:
            # a text is read on from `after`: only from there on do its rows have that width
            start = after if self.is_text else 0
            self._chunks[width] = start, list(self._grid.body(start, width))
            if self.is_text and not len(self._numbers):
                self._numbers = _numbers(self._chunks[width][1])
        for chunk in self._chunks[width][1]:
            if part := _rows(chunk, after + 1, END):
                yield part

    def forget(self) -> None:
        """Let go of the rows of a text: many files wait for their turn, and each is parsed again when it has come."""
        if self.is_text:
            self._chunks.clear()
            self._keeps = False


@dataclass(frozen=True)
class Window:
    """Rows `first`..`last` and columns `left`..`right` (from 1, both included) of a grid, without what is hidden.

    `titles`: rows up to here show all columns, because a title above two tables belongs to both.
    """

    grid: Kept
    first: int = 1
    last: int = END
    left: int = 1
    right: int = END
    titles: int = 0

    @property
    def sheet(self) -> str:
        return self.grid.sheet

    @property
    def inside(self) -> str:
        return self.grid.inside

    @cached_property
    def structure(self) -> Structure:
        """That of the sheet, with the merged ranges of these columns."""
        whole = self.grid.structure
        if self.left == 1 and self.right >= self.width:
            return whole
        merges = tuple(m for m in whole.merges if self.left <= m[1] <= self.right or m[0] <= self.titles)
        return replace(whole, merges=merges)

    @property
    def width(self) -> int:
        return self.grid.width

    @property
    def is_text(self) -> bool:
        """Whether the format knows no merged cells, so that blanks in a header may stand for them."""
        return self.grid.is_text

    @property
    def head(self) -> Sequence[tuple[int, list[str]]]:
        """The first rows of the window."""
        own = list(self.grid.head)
        if not own or (self.first > own[0][0] and self.first + HEAD_ROWS > own[-1][0]):
            own = [row for chunk in self.grid.body(self.first - 1, self.width) for row in _texts(chunk)]
        hidden = self.structure
        return [
            (number, [cell if self._shows(number, i) else "" for i, cell in enumerate(cells, 1)])
            for number, cells in own
            if self.first <= number <= self.last and number not in hidden.hidden_rows
        ][:HEAD_ROWS]

    def _shows(self, row: int, column: int) -> bool:
        inside = self.left <= column <= self.right or row <= self.titles
        return inside and column not in self.structure.hidden_columns

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows of the window below row `after`, as chunks of exactly `width` columns."""
        gone = [i for i in range(width) if not self._shows(END, i + 1)]
        for whole in self.grid.body(max(after, self.first - 1), width):
            part = _rows(whole, self.first, self.last)
            if part is None:
                continue
            if self.structure.hidden_rows:
                part = _without(part, self.structure.hidden_rows)
            columns = list(part.columns)
            for position in gone:
                columns[position] = pa.nulls(len(part.numbers), pa.string())
            loose = [
                replace(
                    row, cells=tuple(c if self._shows(END, i) else "" for i, c in enumerate(row.cells, 1))
                )
                if gone
                else row
                for row in part.loose
            ]
            yield Chunk(part.numbers, columns, loose)

    def above(self, row: int) -> Window:
        """The rows before one."""
        return replace(self, last=min(self.last, row - 1))


def hidden_cells(grid: Kept) -> tuple[int, int | None, int | None]:
    """Non-empty cells in hidden rows and columns, and the first such row and column."""
    shown = grid.structure
    if not shown.hidden_rows and not shown.hidden_columns:
        return 0, None, None
    cells, first_row, first_column = 0, None, None
    for chunk in grid.body(0, grid.width):
        in_row = np.isin(chunk.numbers, list(shown.hidden_rows))
        for position, column in enumerate(chunk.columns, 1):
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            if position in shown.hidden_columns:
                cells += int(valid.sum())
                if valid.any() and (first_column is None or position < first_column):
                    first_column = position
                continue
            hit = valid & in_row
            cells += int(hit.sum())
            if hit.any():
                row = int(chunk.numbers[int(np.argmax(hit))])
                first_row = row if first_row is None else min(first_row, row)
    return cells, first_row, first_column


def filled(chunk: Chunk) -> npt.NDArray[np.int32]:
    """Non-empty cells of each row."""
    count = np.zeros(len(chunk.numbers), dtype=np.int32)
    for column in chunk.columns:
        if column.null_count < len(column):
            count += column.is_valid().to_numpy(zero_copy_only=False)
    return count


def row_texts(chunk: Chunk, index: int) -> list[str]:
    """One row's cells, '' for empty."""
    return [column[index].as_py() or "" for column in chunk.columns]


def _numbers(chunks: Sequence[Chunk]) -> npt.NDArray[np.int64]:
    rows = [
        number for chunk in chunks for number in (*chunk.numbers.tolist(), *(r.number for r in chunk.loose))
    ]
    return np.array(sorted(rows), dtype=np.int64)


def _texts(chunk: Chunk) -> Iterator[tuple[int, list[str]]]:
    short = [column.slice(0, HEAD_ROWS).to_pylist() for column in chunk.columns]
    rows = [
        (int(n), [c or "" for c in cells])
        for n, cells in zip(chunk.numbers, zip(*short, strict=True), strict=False)
    ]
    yield from sorted([*rows, *((row.number, list(row.cells)) for row in chunk.loose)])


def _rows(chunk: Chunk, first: int, last: int) -> Chunk | None:
    """The rows of a chunk within a span, or None."""
    low, high = np.searchsorted(chunk.numbers, [first, last + 1]).tolist()
    loose = [row for row in chunk.loose if first <= row.number <= last]
    if low == high and not loose:
        return None
    if low == 0 and high == len(chunk.numbers) and len(loose) == len(chunk.loose):
        return chunk
    return Chunk(chunk.numbers[low:high], [column.slice(low, high - low) for column in chunk.columns], loose)


def _without(chunk: Chunk, rows: frozenset[int]) -> Chunk:
    keep = ~np.isin(chunk.numbers, list(rows))
    if keep.all():
        return chunk
    mask = pa.array(keep)
    loose: list[Loose] = [row for row in chunk.loose if row.number not in rows]
    return Chunk(chunk.numbers[keep], [column.filter(mask) for column in chunk.columns], loose)
