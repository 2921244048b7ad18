"""Rows of text on their way from a file: Arrow columns in chunks, and the irregular rows beside them.

What both CSV and workbooks become, so that everything after it is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.read.formats.process.payload import LOST, SheetStructure

#: Everything that is blank to the eye: Unicode spaces, full-width, zero-width, stray byte order marks.
WHITE = (
    "\t\n\v\f\r\x1a \x85\xa0\xad\u1680\u180e\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f"
)
#: Rows of a grid that are looked at for titles and headers.
HEAD_ROWS = 100
#: … or so many cells, of which each may be a header.
HEAD_CELLS = 100_000

# What WHITE is made of in UTF-8: text without any of these lead bytes, or without the whole character where
# the lead byte begins others too, needs no trimming. One byte is looked for thirty times as fast as three.
_LEADS = (b"\xc2", b"\xe2", b"\xe1")
_CHARACTERS = ((b"\xe3", b"\xe3\x80\x80"), (b"\xef", b"\xef\xbb\xbf"))

#: Below so many rows looking each of them up costs less than the table that Arrow makes of thousands of words first.
_SHORT = 1024

RowNumbers = npt.NDArray[np.int32]
#: (row number, trimmed cells, '' for a blank one) of the first rows of a grid.
Head = Sequence[tuple[int, list[str]]]


@dataclass(frozen=True)
class IrregularRow:
    """A row that does not fit the columns, with the code of the reason."""

    number: int
    cells: tuple[str, ...]
    code: str


@dataclass
class Chunk:
    """Consecutive rows: `columns` are string arrays of equal length, trimmed, blank = null."""

    numbers: RowNumbers
    columns: list[pa.StringArray]
    irregular: list[IrregularRow] = field(default_factory=list)

    def between(self, first: int, last: int) -> Chunk:
        """The rows with numbers from `first` to `last`."""
        low, high = np.searchsorted(self.numbers, [first, last + 1]).tolist()
        if low == 0 and high == len(self.numbers) and not self.irregular:
            return self
        columns = [column.slice(low, high - low) for column in self.columns]
        return Chunk(
            self.numbers[low:high], columns, [r for r in self.irregular if first <= r.number <= last]
        )

    def only_rows(self, numbers: Set[int], excluded: bool = False) -> Chunk:
        """The rows with these numbers, or with `excluded` all others."""
        keep = np.isin(self.numbers, list(numbers), invert=excluded)
        columns = self.columns if keep.all() else [column.filter(pa.array(keep)) for column in self.columns]
        irregular = [row for row in self.irregular if (row.number in numbers) != excluded]
        return Chunk(self.numbers[keep], columns, irregular)

    def without_columns(self, positions: Sequence[int], first: int = 0) -> Chunk:
        """The same with the columns at 0-based `positions` blank from row `first` on."""
        if not positions:
            return self
        hidden = frozenset(positions)
        above = int(np.searchsorted(self.numbers, first))
        columns, blank = list(self.columns), pa.nulls(len(self.numbers) - above, pa.string())
        for position in hidden:
            if position < len(columns):
                columns[position] = pa.concat_arrays([columns[position].slice(0, above), blank])
        irregular = [
            row if row.number < first else IrregularRow(row.number, blanked(row.cells, hidden), row.code)
            for row in self.irregular
        ]
        return Chunk(self.numbers, columns, irregular)

    def filled(self) -> RowNumbers:
        """Non-empty cells of each regular row."""
        count = np.zeros(len(self.numbers), dtype=np.int32)
        for column in self.columns:
            if column.null_count < len(column):
                count += column.is_valid().to_numpy(zero_copy_only=False)
        return count

    def cells(self) -> int:
        """All non-empty cells."""
        regular = sum(len(column) - column.null_count for column in self.columns)
        return int(regular) + sum(sum(map(bool, row.cells)) for row in self.irregular)

    def row(self, index: int) -> list[str]:
        """The cells of one regular row, '' for blank."""
        return [column[index].as_py() or "" for column in self.columns]

    def rows(self, most: int | None = None) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells) in order, '' for blank, of the irregular rows and at `most` so many regular ones."""
        texts = zip(*(column[:most].to_pylist() for column in self.columns), strict=True)
        numbers = self.numbers[:most].tolist()
        rows = [(number, [c or "" for c in cells]) for number, cells in zip(numbers, texts, strict=True)]
        yield from sorted([*rows, *((row.number, list(row.cells)) for row in self.irregular)])


class Grid(Protocol):
    """One sheet or a part of it, or a text file.

    `sheet`: its address in the file that was sent, see `address`; `inside`: within an archive the path of the
    file that holds it, else ''; `width`: columns up to the last that holds anything, in a text of the first rows;
    `is_text`: the format knows no merged cells, so that blanks in a header may stand for them.
    """

    sheet: str
    inside: str
    structure: SheetStructure
    head: Head
    width: int
    is_text: bool

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, as chunks of exactly `width` columns."""
        ...


class GridView:
    """A grid made of another, which it is like in all that is not changed."""

    def __init__(self, grid: Grid) -> None:
        self.sheet, self.inside, self.structure = grid.sheet, grid.inside, grid.structure
        self.head, self.width, self.is_text = grid.head, grid.width, grid.is_text


def address(inside: str, sheet: str) -> str:
    """Where cells stand in a file: the sheet's name ('' for a text), after the path of its file in an archive."""
    return "/".join(filter(None, (inside, sheet)))


def sheet_name(grid: Grid) -> str:
    """What a sheet itself is called, which may name a table and its period."""
    return grid.sheet.removeprefix(grid.inside).removeprefix("/")


def blanked(cells: Sequence[str], positions: frozenset[int]) -> tuple[str, ...]:
    """Cells without the text at some positions."""
    return tuple("" if i in positions else cell for i, cell in enumerate(cells))


def white_in(text: bytes, end_bytes: int = 0) -> bool:
    """Whether UTF-8 text, `end_bytes` of line ends apart, may hold anything blank: a byte scan first."""
    low = int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) <= 0x20))
    return (
        low > end_bytes
        or any(lead in text for lead in _LEADS)
        or any(lead in text and whole in text for lead, whole in _CHARACTERS)
    )


class WordSet:
    """Words that whole columns are looked through for."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)

    @cached_property
    def _array(self) -> pa.StringArray:
        return pa.array(list(self._words), pa.string())

    def flags(self, column: pa.StringArray) -> npt.NDArray[np.bool_]:
        """Whether each cell is one of the words."""
        if len(column) < _SHORT:
            return np.array([cell in self._words for cell in column.to_pylist()], dtype=bool)
        return pc.is_in(column, self._array).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def text_ends(column: pa.StringArray) -> npt.NDArray[np.int32]:
    """Offsets of the texts of a column in its bytes, one more than there are cells."""
    spans = np.frombuffer(column.buffers()[1] or b"\0\0\0\0", dtype=np.int32)
    return spans[column.offset : column.offset + len(column) + 1]


def content_of(column: pa.StringArray) -> bytes:
    """The bytes of all cells of a column, one after the other."""
    data = column.buffers()[2]
    if data is None or not len(column):
        return b""
    ends = text_ends(column)
    return bytes(data.slice(int(ends[0]), int(ends[-1] - ends[0])).to_pybytes())


def lost_in(column: pa.StringArray) -> list[int]:
    """Indices of the cells of a column with a lost character: a byte scan first."""
    if LOST.encode() not in content_of(column):
        return []
    return pc.indices_nonzero(pc.match_substring(column, LOST)).to_pylist()  # type: ignore[no-any-return]


def trim(column: pa.StringArray) -> pa.StringArray:
    """Blank ends off, blank cells null."""
    if not white_in(content_of(column)):
        return column
    column = pc.utf8_trim(column, characters=WHITE)
    empty = pc.equal(column, "")
    return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column


def arrays(rows: Sequence[Sequence[str]], width: int) -> list[pa.StringArray]:
    """Rows of `width` cells as trimmed columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * width
    return [pa.array([cell.strip(WHITE) or None for cell in column], pa.string()) for column in columns]
