"""From the cells of a worksheet part to the texts of a sheet, and to what it shows beside them.

Plain integers and decimals are taken over as the digits that the file holds, without a float in between;
every other kind goes one by one, each distinct text once. Structure is looked for only where a byte scan
shows it. Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from flows.read.formats.number_formats import NOT_CALCULATED, Kind, cell_text, styled_text
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import (
    LOST,
    Placed,
    SheetPayload,
    SheetStructure,
    StringTable,
    gathered,
)
from flows.read.formats.xlsx.scan import (
    BOOLEAN,
    DATE,
    ERROR,
    INLINE,
    NUMBER,
    SHARED,
    STRING,
    Cells,
    Ints,
    Unusual,
    cells_of,
    numbers,
)
from flows.read.formats.xlsx.structure import look_around, look_at_rows

_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+);|#([0-9]+);|(amp|lt|gt|quot|apos);)?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
#: A sheet is looked at in pieces of whole rows of about this size, so that the indices stay in the cache.
PIECE = 2 << 20
#: Neither what stands before the rows nor one row may be larger.
_LONGEST = 64 << 20
_JOINED = 32
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Book:
    """What all sheets of a workbook share. `kinds`: by cell style; `is_stale`: it wants to be calculated anew."""

    kinds: list[Kind]
    is_1904: bool = False
    is_stale: bool = False
    shared: bytes = b""
    lengths: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def is_plain(self) -> npt.NDArray[np.bool_]:
        """Whether the format of a style says nothing, by style."""
        return np.array([not kind for kind in self.kinds] or [True])


def pack_part(part: Iterable[bytes], book: Book, name: str, structure: SheetStructure) -> SheetPayload:
    """The sheet of a worksheet part, which comes block by block; `Unusual` if it is not in the plain form."""
    pool, around = StringTable(), list[bytes]()
    found, lately = list[Placed](), list[Placed]()
    first = pool.add(book.shared, book.lengths)
    for piece in _rows(iter(part), around):
        cells = cells_of(piece)
        lately.append((cells.row, cells.column, _Texts(cells, book, pool, first).numbers()))
        if len(lately) == _JOINED:
            found.append(_joined(lately))
            lately.clear()
        look_at_rows(piece, structure)
    look_around(around[0], around[1], structure)
    found += lately
    lately.clear()
    return pool.pack(name, found, structure)


def _joined(found: Sequence[Placed]) -> Placed:
    """One large array for many small ones: when it is let go of, the system has it back."""
    row, column, number = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return row, column, number


def _rows(blocks: Iterator[bytes], around: list[bytes]) -> Iterator[bytes]:
    """The rows of a part in pieces of whole ones; what stands before and after them goes into `around`."""
    content = next(blocks, b"")
    while (at := content.find(b"<sheetData")) < 0 or (start := content.find(b">", at) + 1) == 0:
        content += _following(blocks, content)
    if b"<!" in content[:at]:
        raise Unusual
    around.append(content[:start])
    is_empty, content = content[start - 2 : start] == b"/>", content[start:]
    searched = 0
    while not is_empty and (end := content.find(b"</sheetData>", searched)) < 0:
        searched = max(0, len(content) - len(b"</sheetData>"))
        if len(content) >= PIECE and (cut := content.rfind(b"</row>") + 6) >= 6:
            yield content[:cut]
            content, searched = content[cut:], max(0, searched - cut)
        content += _following(blocks, content)
    if is_empty:
        end = 0
    elif b"<" in content[:end]:
        yield content[:end]
    around.append(content[end:] + b"".join(blocks))


def _following(blocks: Iterator[bytes], content: bytes) -> bytes:
    """The next block behind `content`, which neither a head nor a row may fill alone."""
    if len(content) > _LONGEST:
        raise WorkbookError("workbook_too_large")
    block = next(blocks, b"")
    if not block:
        raise Unusual
    return block


@dataclass
class _Texts:
    """The texts of the cells of one piece. `first`: numbers of the shared strings in the pool."""

    cells: Cells
    book: Book
    pool: StringTable
    first: Ints

    def numbers(self) -> Ints:
        """For each cell the number of its text in the pool, -1 for a blank one."""
        cells, plain = self.cells, self.book.is_plain
        out = np.full(len(cells.row), -1, dtype=np.int32)
        has_text = cells.end > cells.start
        shared = np.flatnonzero((cells.kind == SHARED) & has_text)
        if len(shared):
            data = np.frombuffer(cells.content, dtype=np.uint8)
            which = numbers(data, cells.start[shared], cells.end[shared])
            if which.max() >= len(self.first):
                raise WorkbookError("workbook_broken")
            out[shared] = self.first[which]
        is_number = (cells.kind == NUMBER) & has_text
        stale = cells.is_formula & (cells.kind == NUMBER) & self.book.is_stale
        # A formula with an empty text has a value, one with an empty number has none.
        rest = cells.is_formula & ~has_text & ((cells.start < 0) | (cells.kind == NUMBER))
        rest |= has_text & (cells.kind != SHARED)
        quick = is_number & ~stale
        is_text = (cells.kind == INLINE) | (cells.kind == STRING)
        if is_text.any() and b"&" not in cells.content and b"_x" not in cells.content:
            quick |= is_text & has_text
        which = np.flatnonzero(quick)
        if len(which):
            bare = plain[np.minimum(cells.style[which], len(plain) - 1)] | (cells.style[which] >= len(plain))
            digits = _digits_of(cells, which)
            same = digits.is_exact & (bare | ~is_number[which])
            out[which[same]] = self.pool.add(*_gathered(cells, which[same]))
            whole = digits.is_short & ~bare & is_number[which]
            out[which[whole]] = self._whole(which[whole])
            rest[which[same | whole]] = False
        self._one_by_one(np.flatnonzero(rest), stale, out)
        return out

    def _whole(self, which: Ints) -> Ints:
        """Whole numbers in a format that says something, days above all: each distinct one once."""
        cells = self.cells
        data = np.frombuffer(cells.content, dtype=np.uint8)
        value = numbers(data, cells.start[which], cells.end[which]).astype(np.int64)
        distinct, place = np.unique(value * (1 << 20) + cells.style[which], return_inverse=True)
        texts = [self._text(NUMBER, key & ((1 << 20) - 1), str(key >> 20)) for key in distinct.tolist()]
        return np.array([self.pool.number(text) for text in texts], dtype=np.int64)[place]

    def _one_by_one(self, which: Ints, stale: npt.NDArray[np.bool_], out: Ints) -> None:
        cells = self.cells
        known: dict[tuple[int, int, bytes], int] = {}
        asked = [array[which].tolist() for array in (cells.kind, cells.style, cells.start, cells.end, stale)]
        for i, kind, style, start, end, is_stale in zip(which.tolist(), *asked, strict=True):
            raw = cells.content[start:end]
            # A program that cannot calculate writes no value, or 0 and the wish to be calculated.
            if start < 0 or not raw or (is_stale and raw == b"0"):
                out[i] = self.pool.number(NOT_CALCULATED)
            elif (number := known.get((kind, style, raw))) is not None:
                out[i] = number
            else:
                number = self.pool.number(self._text(kind, style, raw.decode("utf-8", "replace")))
                out[i] = known[kind, style, raw] = number

    def _text(self, kind: int, style: int, raw: str) -> str:
        if kind == NUMBER:
            form = self.book.kinds[style] if style < len(self.book.kinds) else ""
            return _number(raw, form, self.book.is_1904)
        if kind == BOOLEAN:
            return {"1": "是", "true": "是", "0": "否", "false": "否"}.get(raw.strip(), raw)
        if kind == DATE:
            return _iso(raw)
        return raw if kind == ERROR else unescaped(_without_entities(raw))


def _gathered(cells: Cells, which: Ints) -> tuple[bytes, Ints]:
    """The texts of some cells one after the other, and their lengths."""
    start = cells.start[which]
    lengths = cells.end[which] - start
    return gathered(np.frombuffer(cells.content, dtype=np.uint8), start, lengths), lengths


@dataclass(frozen=True)
class _Digits:
    """How texts are written. `is_exact`: text, or a number as `number_text` would write it; `is_short`: digits, few
    enough for a day."""

    is_exact: npt.NDArray[np.bool_]
    is_short: npt.NDArray[np.bool_]


def _digits_of(cells: Cells, which: Ints) -> _Digits:
    raw, lengths = _gathered(cells, which)
    content = np.frombuffer(raw, dtype=np.uint8)
    begin = np.cumsum(lengths) - lengths
    digits = np.add.reduceat((content >= 48) & (content <= 57), begin, dtype=np.int32)
    dots = np.add.reduceat(content == 46, begin, dtype=np.int32)
    minus = content[begin] == 45
    head = begin + minus
    first = content[np.minimum(head, len(content) - 1)]
    second = content[np.minimum(head + 1, len(content) - 1)]
    final = content[begin + lengths - 1]
    whole = (dots == 0) & ((first != 48) | ((lengths == 1) & ~minus))
    broken = (dots == 1) & (final != 48) & (final != 46) & (first != 46) & ((first != 48) | (second == 46))
    exact = (digits + dots + minus == lengths) & (digits >= 1) & (digits <= 15) & (whole | broken)
    return _Digits(exact | (cells.kind[which] != NUMBER), (digits == lengths) & (lengths <= 9))


def _number(raw: str, kind: Kind, is_1904: bool) -> str:
    try:
        return styled_text(float(raw), kind, is_1904)
    except ValueError:
        return raw.strip()


def _iso(raw: str) -> str:
    try:
        return cell_text(dt.datetime.fromisoformat(raw.strip()).replace(tzinfo=None)) or ""
    except ValueError:
        return raw.strip()


def _without_entities(raw: str) -> str:
    return _ENTITY.sub(lambda m: _NAMED[m[3]] if m[3] else _character(m[1], m[2]), raw) if "&" in raw else raw


def unescaped(text: str) -> str:
    """Text with its _x000D_ written out: how a workbook keeps characters that XML cannot, some as two halves."""
    if "_x" not in text or not _ESCAPED.search(text):
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\x00", LOST)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(hexadecimal: str | None, decimal: str | None) -> str:
    code = int(hexadecimal, 16) if hexadecimal else int(decimal or 0)
    if not 0 < code < 0x110000:
        raise Unusual  # of an entity that the document declares, or of none
    return chr(code)
