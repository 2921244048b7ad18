"""The marks on a file that went back to its district: two columns and a sheet of ours, and the key of each row.

What we added is accounted for and then taken out of the grid, so that a returned file is read exactly as
the original was: no rule for notes, totals or widths ever meets a mark. Refuses to trust a key that its
own check does not confirm; a key says where a row came from, never what it means.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from flows.contract.text import name_key
from flows.read.grid import WHITE, Chunk, Grid, Loose, Structure, own_name
from flows.read.result import FileReading

#: Headers of the two columns right of a sheet's own, and the sheets that are ours altogether.
NOTE_HEADER, KEY_HEADER = "问题与处理", "核对码"
COVER_SHEET, EXTRACT_SHEET = "退回说明", "退回摘录"

#: Classes of the cell account.
RETURN_COLUMN, RETURN_SHEET = "return_column", "return_sheet"

_KEY = re.compile(r"R(\d{1,9})-(\d{6,7})-([A-Z0-9]{4})")
#: What is mistaken for a letter of a check, none of which has these digits.
_MISTAKEN = str.maketrans("018", "OIB")


@dataclass(frozen=True)
class RowKey:
    """Where a row stood in the file that went back: `R17-000123-K7QM`.

    The letters in front keep spreadsheets from taking it for a number or a date. The check is made from the
    contents of that file and the sheet: a mistyped key, or one of another file, does not fit it.
    """

    delivery_id: int
    row_number: int
    check: str

    @classmethod
    def of(cls, delivery_id: int, row_number: int, sha256: str, sheet: str) -> RowKey:
        """The key of a row; `sha256` of its file, `sheet` its worksheet's name ('' for a text)."""
        seed = f"{sha256}/{delivery_id}/{row_number}/{sheet}".encode()
        return cls(delivery_id, row_number, base64.b32encode(hashlib.sha256(seed).digest())[:4].decode())

    @classmethod
    def parse(cls, text: str) -> RowKey | None:
        """The key that a cell shows, blanks and letter case apart; None if it is none."""
        match = _KEY.fullmatch(name_key(text))
        return cls(int(match[1]), int(match[2]), match[3].translate(_MISTAKEN)) if match else None

    def __str__(self) -> str:
        return f"R{self.delivery_id}-{self.row_number:06}-{self.check}"


class ReturnedGrid:
    """A sheet as its district filled it: without the marks, which `marked` has row by row."""

    def __init__(self, grid: Grid, header_row: int, keys: Sequence[int], notes: Sequence[int]) -> None:
        self._grid, self._header_row, self._keys = grid, header_row, keys
        self._marks = frozenset((*keys, *notes))
        self.sheet, self.inside, self.structure = grid.sheet, grid.inside, grid.structure
        self.head = [
            (row, ["" if row >= header_row and i in self._marks else c for i, c in enumerate(cells)])
            for row, cells in grid.head
        ]
        if hasattr(grid, "width"):
            own = [i for i in range(int(grid.width)) if i not in self._marks]
            self.width = max(own, default=0) + 1

    sheet: str
    inside: str
    structure: Structure

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, the marks blank."""
        for chunk in self._grid.body(after, max(width, max(self._marks) + 1)):
            above = int((chunk.numbers < self._header_row).sum())
            columns = [
                column if i not in self._marks else _blank_from(column, above)
                for i, column in enumerate(chunk.columns)
            ]
            while len(columns) > width and columns[-1].null_count == len(columns[-1]):
                columns.pop()
            loose = [
                row
                if row.number < self._header_row
                else Loose(row.number, self._without(row.cells), row.code)
                for row in chunk.loose
            ]
            yield Chunk(chunk.numbers, columns, [row for row in loose if any(row.cells)])

    def marked(self) -> Iterator[tuple[int, str]]:
        """(row, text of its key) of every row that shows one, below the header."""
        for number, cells in self._marks_of(self._keys):
            text = next(filter(None, cells), "")
            if text and text != KEY_HEADER:
                yield number, text

    def count(self) -> int:
        """Non-empty cells of the marks."""
        return sum(sum(map(bool, cells)) for _, cells in self._marks_of(sorted(self._marks)))

    def _marks_of(self, positions: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        for chunk in self._grid.body(self._header_row - 1, max(self._marks) + 1):
            picked = [chunk.columns[p].to_pylist() for p in positions]
            for number, *cells in zip(chunk.numbers.tolist(), *picked, strict=True):
                yield number, [cell or "" for cell in cells]
            for row in chunk.loose:
                yield row.number, [row.cells[p] if p < len(row.cells) else "" for p in positions]

    def _without(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple("" if i in self._marks else cell for i, cell in enumerate(cells))


def _blank_from(column: pa.StringArray, at: int) -> pa.StringArray:
    return pa.concat_arrays([column.slice(0, at), pa.nulls(len(column) - at, pa.string())])


def without_marks(grids: Sequence[Grid], reading: FileReading) -> list[Grid]:
    """The grids as their district filled them; what is ours is counted in the account of `reading`."""
    out: list[Grid] = []
    for grid in grids:
        if own_name(grid) == COVER_SHEET or own_name(grid).startswith(EXTRACT_SHEET):
            cells = sum(
                sum(len(column) - column.null_count for column in chunk.columns)
                for chunk in grid.body(0, int(getattr(grid, "width", 1)))
            )
        else:
            grid = unmarked(grid)
            cells = grid.count() if isinstance(grid, ReturnedGrid) else 0
            out.append(grid)
        if cells:
            ours = RETURN_COLUMN if out and out[-1] is grid else RETURN_SHEET
            reading.account[grid.sheet, ours] += cells
            reading.cells_in_sheet[grid.sheet] += cells
            reading.cells_nonempty += cells
    return out


def unmarked(grid: Grid) -> Grid:
    """The grid without its marks, or itself where a sheet's first rows show none."""
    for row, cells in grid.head:
        found = {
            name: [i for i, cell in enumerate(cells) if cell.strip(WHITE) == name]
            for name in (KEY_HEADER, NOTE_HEADER)
        }
        if any(found.values()):
            return ReturnedGrid(grid, row, found[KEY_HEADER], found[NOTE_HEADER])
    return grid
