"""A sheet on its way from the child to the reader: texts once each, and for every cell which one it has.

Refuses to grow with the distance between cells: long runs of blank rows and blank columns are left out, so
that a cell in the last row costs one row. Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from flows.read.formats.process.fault import WorkbookError

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
#: Row, column (from 1) and number of the text of each cell.
Cells = tuple[Ints, Ints, Ints]

#: What stands for a character that is lost, a zero byte among them.
LOST = "\ufffd"
#: As far as a sheet goes.
ROWS, COLUMNS = 1_048_576, 16_384
#: Blank rows that stay between others; of longer runs nothing is kept.
BLANK_ROWS = 100
#: Cells of a sheet, blank ones between others included.
MOST_CELLS = 48_000_000


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

    def add(self, content: bytes, lengths: Ints) -> Ints:
        """Numbers of texts that stand one after the other in `content`; -1 for those without a byte."""
        first = self._size
        self._parts.append(content)
        self._lengths.append(lengths)
        self._size += len(lengths)
        return np.where(lengths > 0, np.arange(first, self._size), -1)

    def number(self, text: str) -> int:
        """The number of one text, the same for the same text; -1 for an empty one."""
        if "\x00" in text:
            text = text.replace("\x00", LOST)
        return self._known.setdefault(text, -2 - len(self._known)) if text else -1

    def pack(self, name: str, cells: Cells, structure: SheetStructure) -> SheetPayload:
        """The sheet of these cells; a cell that comes twice is a contradiction."""
        # Single texts are counted down from -2 until all others have their numbers.
        single = [text.encode("utf-8", "replace") for text in self._known]
        last = self._size + len(single)
        self.add(b"".join(single), np.fromiter(map(len, single), np.int64, len(single)))
        row, column, number = cells
        number = np.where(number < -1, last - len(single) - 2 - number, number)
        filled = number >= 0
        row, column, number = row[filled], column[filled], number[filled]
        rows, columns = _without_gaps(row), np.flatnonzero(np.bincount(column, minlength=1))
        if len(rows) * len(columns) > MOST_CELLS:
            raise WorkbookError("workbook_too_large")
        index = np.full((len(columns), len(rows)), -1, dtype=np.int32)
        index[np.searchsorted(columns, column), np.searchsorted(rows, row)] = number
        if np.count_nonzero(index >= 0) != len(number):
            raise WorkbookError("workbook_broken")
        lengths, texts = np.concatenate([np.zeros(0, dtype=np.int64), *self._lengths]), b"".join(self._parts)
        used = np.unique(number)
        if 2 * len(used) < len(lengths):
            # The texts of a workbook are shared by its sheets: this one takes its own along.
            texts, lengths = _picked(texts, lengths, used)
            index[index >= 0] = np.searchsorted(used, index[index >= 0])
        offsets = np.append(0, np.cumsum(lengths))
        if offsets[-1] >= 1 << 31:
            raise WorkbookError("workbook_too_large")
        rows32, columns32, offsets32 = (a.astype(np.int32) for a in (rows, columns, offsets))
        return SheetPayload(name, rows32, columns32, index, offsets32, texts, structure)


def _picked(texts: bytes, lengths: Ints, which: Ints) -> tuple[bytes, Ints]:
    start = (np.cumsum(lengths) - lengths)[which]
    kept = lengths[which]
    shift = start - (np.cumsum(kept) - kept)
    data = np.frombuffer(texts, dtype=np.uint8)
    return data[np.repeat(shift, kept) + np.arange(int(kept.sum()))].tobytes(), kept


def _without_gaps(row: Ints) -> Ints:
    """The rows that are used and short blank runs between them."""
    if not len(row):
        return row
    used = np.flatnonzero(np.bincount(row))
    cuts = np.flatnonzero(np.diff(used) > BLANK_ROWS + 1)
    starts, ends = used[np.append(0, cuts + 1)], used[np.append(cuts, len(used) - 1)]
    return np.concatenate([np.arange(a, b + 1) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])


def pack_rows(name: str, cells: Iterable[tuple[int, int, str]], structure: SheetStructure) -> SheetPayload:
    """A sheet of (row, column, text), as readers of the rarer formats find them."""
    strings = StringTable()
    numbered = [(row, column, strings.number(text)) for row, column, text in cells if text]
    row, column, number = np.array(numbered, dtype=np.int64).reshape(-1, 3).T
    return strings.pack(name, (row, column, number), structure)


def whole(given: Mapping[str, str], key: str, otherwise: int = 1) -> int:
    """A whole number among the attributes of a tag; a file that writes anything else there is broken."""
    try:
        return int(given.get(key) or otherwise)
    except ValueError:
        raise WorkbookError("workbook_broken") from None
