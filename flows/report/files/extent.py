"""How far a sheet goes, whatever it holds: rows, columns, non-empty cells, blocks of rows between blank ones.

Counts what the reader is given before it interprets anything, so that a sheet without a table that we know
still has its size.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.contract.text import column_letter
from flows.read.grid import Chunk, Grid

#: Blocks of a sheet that are listed; a sheet with more is mostly blank lines.
_MOST_BLOCKS = 20


@dataclass(frozen=True)
class _RowBlock:
    """Consecutive rows that hold something; rows count from 1, columns are letters."""

    first_row: int
    last_row: int
    first_column: str
    last_column: str


@dataclass(frozen=True)
class Extent:
    """A sheet, or a text file as one nameless sheet; in an archive `sheet` begins with `inside`. `rows` that hold something, `columns` up to the last that does."""

    sheet: str
    inside: str  # path of the file that holds the sheet, within an archive
    hidden: bool
    rows: int
    columns: int
    cells: int
    blocks: tuple[_RowBlock, ...]


def extent_of(grid: Grid) -> Extent:
    """Measure a grid, reading it to its end."""
    width = max([grid.width, *(len(cells) for _, cells in grid.head)])
    # In a text a row number is a line's: after a record of several lines one is missing, blank or not.
    gap = sys.maxsize if grid.is_text else 1
    rows = cells = columns = 0
    blocks: list[list[int]] = []
    for chunk in grid.body(0, width):
        lines = _measure(chunk)
        if not len(lines):
            continue
        rows, cells = rows + len(lines), cells + int(lines[:, 3].sum())
        columns = max(columns, int(lines[:, 2].max()) + 1)
        if len(blocks) <= _MOST_BLOCKS:
            for part in np.split(lines, np.flatnonzero(np.diff(lines[:, 0]) > gap) + 1):
                _extend(blocks, part, gap)
    shown = tuple(
        _RowBlock(first, last, column_letter(left + 1), column_letter(right + 1))
        for first, last, left, right in blocks[:_MOST_BLOCKS]
    )
    return Extent(grid.sheet, grid.inside, grid.structure.is_hidden, rows, columns, cells, shown)


def _extend(blocks: list[list[int]], part: npt.NDArray[np.int64], gap: int) -> None:
    """Add rows without a gap to the last block, or begin one: first row, last row, first and last position."""
    first, last = int(part[0, 0]), int(part[-1, 0])
    left, right = int(part[:, 1].min()), int(part[:, 2].max())
    if blocks and first - blocks[-1][1] <= gap:
        block = blocks[-1]
        block[1:] = [last, min(block[2], left), max(block[3], right)]
    else:
        blocks.append([first, last, left, right])


def _measure(chunk: Chunk) -> npt.NDArray[np.int64]:
    """(row number, first and last filled position, filled cells) of each row that is not blank, in order."""
    count = len(chunk.numbers)
    first, last = np.full(count, -1), np.full(count, -1)
    filled = np.zeros(count, dtype=np.int64)
    for position, column in enumerate(chunk.columns):
        if column.null_count == count:
            continue
        valid = column.is_valid().to_numpy(zero_copy_only=False)
        first[valid & (first < 0)] = position
        last[valid] = position
        filled += valid
    lines = np.column_stack((chunk.numbers, first, last, filled)).astype(np.int64)[filled > 0]
    irregular = []
    for row in chunk.irregular:
        positions = [i for i, cell in enumerate(row.cells) if cell]
        if positions:
            irregular.append((row.number, positions[0], positions[-1], len(positions)))
    if irregular:
        lines = np.concatenate((lines, np.array(irregular, dtype=np.int64)))
        lines = lines[np.argsort(lines[:, 0], kind="stable")]
    return lines
