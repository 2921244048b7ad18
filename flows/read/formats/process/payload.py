"""A sheet on its way from the child to the reader: texts once each, and for every cell which one it has.

Refuses to grow with the distance between cells: long runs of blank rows and blank columns are left out, so
that a cell in the last row costs one row. Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from flows.read.formats.process.fault import WorkbookError

Ints = npt.NDArray[np.signedinteger[Any]]
Ints32 = npt.NDArray[np.int32]
#: Row, column (from 1) and number of the text of each cell.
Placed = tuple[Ints, Ints, Ints]

#: What stands for a character that is lost, a zero byte among them.
LOST = "\ufffd"
#: As far as a sheet goes.
ROWS, COLUMNS = 1_048_576, 16_384
#: Blank rows that stay between others; of longer runs nothing is kept.
BLANK_ROWS = 100
#: Cells of a sheet, blank ones between others included.
MOST_CELLS = 48_000_000
#: Cells, or texts, that are worked on at a time: their indices are several times as large as they.
_AT_A_TIME = 1 << 16


@dataclass
class SheetStructure:
    """What a sheet shows beside its cells. Rows and columns count from 1, as in the sheet."""

    is_hidden: bool = False  # the whole sheet
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def hide_columns(self, first: int, last: int) -> None:
        """Columns of a span, as far as a sheet goes: files may claim more."""
        self.hidden_columns.update(range(max(first, 1), min(last, COLUMNS) + 1))


@dataclass
class SheetPayload:
    """`index` has a row for each of `columns` and a column for each of `rows`: the number of the cell's text,
    -1 for a blank cell. Text i is texts[offsets[i]:offsets[i + 1]], UTF-8."""

    name: str
    rows: Ints32
    columns: Ints32
    index: Ints32
    offsets: Ints32
    texts: bytes
    structure: SheetStructure


class StringTable:
    """Texts by number."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._lengths: list[Ints] = []
        self._size = 0
        self._known: dict[str, int] = {}

    def add(self, content: bytes, lengths: Ints) -> Ints32:
        """Numbers of texts that stand one after the other in `content`; -1 for those without a byte."""
        first = self._size
        self._parts.append(content)
        self._lengths.append(lengths.astype(np.int32))
        self._size += len(lengths)
        return np.where(lengths > 0, np.arange(first, self._size, dtype=np.int32), np.int32(-1))

    def number(self, text: str) -> int:
        """The number of one text, the same for the same text; -1 for an empty one."""
        if "\x00" in text:
            text = text.replace("\x00", LOST)
        return self._known.setdefault(text, -2 - len(self._known)) if text else -1

    def pack(self, name: str, cells: list[Placed], structure: SheetStructure) -> SheetPayload:
        """The sheet of these cells, as they were found piece by piece; a cell that comes twice is a contradiction.

        Pieces, and what this table has, are let go of on the way: a full sheet is there once and not twice."""
        # Single texts are counted down from -2 until all others have their numbers.
        single = [text.encode("utf-8", "replace") for text in self._known]
        first = self._size
        self.add(b"".join(single), np.fromiter(map(len, single), np.int32, len(single)))
        last_row, last_column = (
            max((int(a[i].max()) for a in cells if len(a[i])), default=0) for i in (0, 1)
        )
        if last_row > ROWS or last_column > COLUMNS:
            raise WorkbookError("workbook_too_large")
        rows = _without_gaps(np.flatnonzero(_seen(last_row + 1, ((row, number) for row, _, number in cells))))
        columns = np.flatnonzero(_seen(last_column + 1, ((column, number) for _, column, number in cells)))
        if len(rows) * len(columns) > MOST_CELLS:
            raise WorkbookError("workbook_too_large")
        index = np.full((len(columns), len(rows)), -1, dtype=np.int32)
        row_at, column_at, count = _places(rows), _places(columns), 0
        for row, column, number in _let_go(cells):
            filled = number != -1
            number = np.where(number < -1, first - 2 - number, number)[filled]
            index[column_at[column[filled]], row_at[row[filled]]] = number
            count += len(number)
        if np.count_nonzero(index >= 0) != count:
            raise WorkbookError("workbook_broken")
        lengths, texts = np.concatenate([np.zeros(0, np.int32), *self._lengths]), b"".join(self._parts)
        self._parts.clear()
        self._lengths.clear()
        seen = _seen(len(lengths), ((line, line) for line in index))
        if 2 * np.count_nonzero(seen) < len(lengths):
            # The texts of a workbook are shared by its sheets: this one takes its own along.
            used = np.flatnonzero(seen)
            texts, lengths = _picked(texts, lengths, used)
            place = _places(used)
            for line in index:
                line[line >= 0] = place[line[line >= 0]]
        if len(texts) >= 1 << 31:
            raise WorkbookError("workbook_too_large")
        offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
        np.cumsum(lengths, out=offsets[1:])
        return SheetPayload(name, rows, columns.astype(np.int32), index, offsets, texts, structure)


def _let_go(cells: list[Placed]) -> Iterator[Placed]:
    """Cells in small pieces, none of which is there any longer when it was used."""
    while cells:
        row, column, number = cells.pop()
        for at in range(0, len(row), _AT_A_TIME):
            part = slice(at, at + _AT_A_TIME)
            yield row[part], column[part], number[part]
        del row, column, number


def _seen(size: int, numbers: Iterable[tuple[Ints, Ints]]) -> npt.NDArray[np.bool_]:
    """For each number below `size` whether it is there: of (number, text), with a text."""
    seen = np.zeros(size, dtype=np.bool_)
    for some, text in numbers:
        seen[some[text != -1]] = True
    return seen


def _places(numbers: Ints) -> Ints32:
    """For each number its place among them."""
    out = np.zeros(int(numbers[-1]) + 1 if len(numbers) else 0, dtype=np.int32)
    out[numbers] = np.arange(len(numbers))
    return out


def _picked(texts: bytes, lengths: Ints, which: Ints) -> tuple[bytes, Ints]:
    """Some of many texts, a part of them at a time: each byte is an index while it is picked."""
    start = (np.cumsum(lengths, dtype=np.int64) - lengths)[which]
    data = np.frombuffer(texts, dtype=np.uint8)
    return b"".join(
        gathered(data, start[at : at + _AT_A_TIME], lengths[which[at : at + _AT_A_TIME]])
        for at in range(0, len(which), _AT_A_TIME)
    ), lengths[which]


def gathered(data: npt.NDArray[np.uint8], start: Ints, lengths: Ints) -> bytes:
    """Pieces of some bytes, one after the other."""
    shift = start - (np.cumsum(lengths) - lengths)
    return data[np.repeat(shift, lengths) + np.arange(int(lengths.sum()))].tobytes()


def _without_gaps(used: Ints) -> Ints32:
    """The rows that are used and short blank runs between them."""
    cuts = np.flatnonzero(np.diff(used) > BLANK_ROWS + 1)
    starts, ends = np.append(used[:1], used[cuts + 1]), np.append(used[cuts], used[-1:])
    runs = [np.arange(a, b + 1, dtype=np.int32) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return np.concatenate([np.zeros(0, np.int32), *runs])


def pack_rows(name: str, cells: Iterable[tuple[int, int, str]], structure: SheetStructure) -> SheetPayload:
    """A sheet of (row, column, text), as readers of the rarer formats find them."""
    strings = StringTable()
    numbered = [(row, column, strings.number(text)) for row, column, text in cells if text]
    row, column, number = np.array(numbered, dtype=np.int32).reshape(-1, 3).T
    return strings.pack(name, [(row, column, number)], structure)


def whole(given: Mapping[str, str], key: str, otherwise: int = 1) -> int:
    """A whole number among the attributes of a tag; a file that writes anything else there is broken."""
    try:
        return int(given.get(key) or otherwise)
    except ValueError:
        raise WorkbookError("workbook_broken") from None
