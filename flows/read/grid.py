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
WHITE = " \t\n\r\v\f\x00\x1a\x85\u00a0\u00ad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"

# What WHITE starts with in UTF-8: a column without any of these needs no trimming.
_NEEDLES = (b" ", b"\xe3\x80\x80", b"\xc2", b"\xe2\x80", b"\xe2\x81\xa0", b"\xe2\x81\x9f", b"\xef\xbb\xbf", b"\t", b"\n", b"\r", b"\x00", b"\x1a", b"\x0b", b"\x0c", b"\xe1")

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


class Grid(Protocol):
    """One sheet, or a text file. `head`: its first rows, (row number, trimmed cells)."""

    sheet: str
    head: Sequence[tuple[int, list[str]]]

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """All rows below row `after`, as chunks of exactly `width` columns."""
        ...


def trim(column: pa.StringArray) -> pa.StringArray:
    """Blank ends off, blank cells null. Columns without any white character pass untouched."""
    start, end = column.offset, column.offset + len(column)
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return column
    spans = np.frombuffer(offsets, dtype=np.int32)
    text = data.slice(int(spans[start]), int(spans[end] - spans[start])).to_pybytes()
    if any(needle in text for needle in _NEEDLES):
        column = pc.utf8_trim(column, characters=WHITE)
    empty = pc.equal(column, "")
    return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column


def arrays(rows: Sequence[Sequence[str]], width: int) -> list[pa.StringArray]:
    """Rows of `width` cells as trimmed columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * width
    return [pa.array([cell.strip(WHITE) or None for cell in column], pa.string()) for column in columns]
