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

from flows.contract.text import name_key
from flows.read.grid import WHITE, Chunk, Grid, GridView, blanked, sheet_name
from flows.read.reading import FileReading

#: Headers of the two columns right of a sheet's own, and the sheets that are ours altogether.
NOTE_HEADER, KEY_HEADER = "问题与处理", "核对码"
COVER_SHEET, CHOICE_SHEET, EXTRACT_SHEET = "退回说明", "退回选项", "退回摘录"

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


class ReturnedGrid(GridView):
    """A sheet as its district filled it: without the marks, which `marked` has row by row."""

    def __init__(self, grid: Grid, header_row: int, keys: Sequence[int], notes: Sequence[int]) -> None:
        """A sheet that came back.

        Args:
            grid: the sheet with its marks.
            header_row: from which row on they stand.
            keys: 0-based positions of the columns with keys.
            notes: those of the columns with notes.
        """
        super().__init__(grid)
        self._grid, self._header_row, self._keys = grid, header_row, keys
        self._marks = tuple(sorted({*keys, *notes}))
        marks = frozenset(self._marks)
        self.head = [
            (row, [*blanked(cells, marks)] if row >= header_row else cells) for row, cells in grid.head
        ]
        if not grid.is_text:
            self.width = max((i + 1 for i in range(grid.width) if i not in marks), default=1)

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, the marks blank."""
        for whole in self._grid.body(after, max(width, self._marks[-1] + 1)):
            chunk = whole.without_columns(self._marks, self._header_row)
            columns = list(chunk.columns)
            while len(columns) > width and columns[-1].null_count == len(columns[-1]):
                columns.pop()
            yield Chunk(chunk.numbers, columns, [row for row in chunk.irregular if any(row.cells)])

    def marked(self) -> Iterator[tuple[int, str]]:
        """(row, text of its key) of every row that shows one, below the header."""
        for number, cells in self._marks_of(self._keys):
            text = next(filter(None, cells), "")
            if text and text != KEY_HEADER:
                yield number, text

    def count(self) -> int:
        """Non-empty cells of the marks."""
        return sum(sum(map(bool, cells)) for _, cells in self._marks_of(self._marks))

    def _marks_of(self, positions: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        for chunk in self._grid.body(self._header_row - 1, self._marks[-1] + 1):
            picked = Chunk(chunk.numbers, [chunk.columns[p] for p in positions])
            yield from picked.rows()
            for row in chunk.irregular:
                yield row.number, [row.cells[p] if p < len(row.cells) else "" for p in positions]


def without_marks(grids: Sequence[Grid], reading: FileReading) -> list[Grid]:
    """The grids as their district filled them; what is ours is counted in the account of `reading`."""
    out: list[Grid] = []
    for grid in grids:
        cells, rule = 0, RETURN_SHEET
        name = sheet_name(grid)
        if name in (COVER_SHEET, CHOICE_SHEET) or name.startswith(EXTRACT_SHEET):
            cells = sum(chunk.cells() for chunk in grid.body(0, grid.width))
        else:
            out.append(unmarked(grid))
            if isinstance(returned := out[-1], ReturnedGrid):
                cells, rule = returned.count(), RETURN_COLUMN
        if cells:
            reading.count(grid.sheet, rule, cells)
            if not grid.is_text:  # whose cells nobody counts beforehand
                reading.cells_in_sheet[grid.sheet] += cells
    return out


def unmarked(grid: Grid) -> Grid:
    """The grid without its marks, or itself where a sheet's first rows show none.

    Keys stand below their header, or nothing where they were cleared: a district's own column may be called 问题与处理.
    """
    for index, (row, cells) in enumerate(grid.head):
        keys, notes = (
            [i for i, cell in enumerate(cells) if cell.strip(WHITE) == name]
            for name in (KEY_HEADER, NOTE_HEADER)
        )
        below = [texts[i] for _, texts in grid.head[index + 1 :] for i in keys if i < len(texts)]
        if any(map(RowKey.parse, below)) or (keys and notes and not any(below)):
            return ReturnedGrid(grid, row, keys, notes)
    return grid
