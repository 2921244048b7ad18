"""Rows of text on their way from a file: Arrow columns in chunks, and the odd rows beside them.

What both CSV and workbooks become, so that everything after it is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Everything that is blank to the eye: Unicode spaces, full-width, zero-width, stray byte order marks.
WHITE = "".join(
    map(chr, (0, *range(9, 14), 0x1A, 0x20, 0x85, 0xA0, 0xAD, 0x1680, 0x180E, *range(0x2000, 0x2010),
              0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF))
)  # fmt: skip

# What WHITE is made of in UTF-8: text without any of these lead bytes, or without the whole character where
# the lead byte begins others too, needs no trimming. One byte is looked for thirty times as fast as three.
_LEADS = (b"\xc2", b"\xe2", b"\xe1")
_CHARACTERS = ((b"\xe3", b"\xe3\x80\x80"), (b"\xef", b"\xef\xbb\xbf"))

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Loose:
    """A row that does not fit the columns, with the code of the reason."""

    number: int
    cells: tuple[str, ...]
    code: str


@dataclass
class Chunk:
    """Consecutive rows: `columns` are string arrays of equal length, trimmed, blank = null."""

    numbers: Numbers
    columns: list[pa.StringArray]
    loose: list[Loose] = field(default_factory=list)


@dataclass(frozen=True)
class Structure:
    """What a sheet shows beside its cells. Rows and columns count from 1, as in the sheet."""

    merges: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    is_hidden: bool = False  # the whole sheet


class Grid(Protocol):
    """One sheet, or a text file. `head`: its first rows, (row number, trimmed cells).

    `sheet`: its address in the file that was sent, see `address`; `inside`: within an archive the path of the
    file that holds it, else ''.
    """

    @property
    def sheet(self) -> str: ...

    @property
    def inside(self) -> str: ...

    @property
    def structure(self) -> Structure: ...

    @property
    def head(self) -> Sequence[tuple[int, list[str]]]: ...

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, as chunks of exactly `width` columns."""
        ...


def address(inside: str, sheet: str) -> str:
    """Where cells stand in a file: the sheet's name ('' for a text), after the path of its file in an archive."""
    return "/".join(filter(None, (inside, sheet)))


def own_name(grid: Grid) -> str:
    """What a sheet itself is called, which may name a table and its period."""
    return grid.sheet.removeprefix(grid.inside).removeprefix("/")


def white_in(text: bytes, end_bytes: int = 0) -> bool:
    """Whether UTF-8 text, `end_bytes` of line ends apart, may hold anything blank: a byte scan first."""
    low = int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) <= 0x20))
    return (
        low > end_bytes
        or any(lead in text for lead in _LEADS)
        or any(lead in text and whole in text for lead, whole in _CHARACTERS)
    )


def content_of(column: pa.StringArray) -> bytes:
    """The bytes of all cells of a column, one after the other."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return b""
    spans = np.frombuffer(offsets, dtype=np.int32)
    start, end = int(spans[column.offset]), int(spans[column.offset + len(column)])
    return bytes(data.slice(start, end - start).to_pybytes())


def trim(column: pa.StringArray) -> pa.StringArray:
    """Blank ends off, blank cells null."""
    text = content_of(column)
    if white_in(text):
        column = pc.utf8_trim(column, characters=WHITE)
        empty = pc.equal(column, "")
        return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column
    return column


def arrays(rows: Sequence[Sequence[str]], width: int) -> list[pa.StringArray]:
    """Rows of `width` cells as trimmed columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * width
    return [pa.array([cell.strip(WHITE) or None for cell in column], pa.string()) for column in columns]
