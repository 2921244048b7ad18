"""Binary workbooks (.xlsb): records of a number, a size and a body (MS-XLSB 2.1).

Read here and not by a library, as the ones there are give errors as blanks. Refuses records that end before their
content does. Part of the child process: standard library and numpy.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from flows.read.formats.number_formats import BUILT_IN, Kind, kind_of, styled_text
from flows.read.formats.package import Package
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import SheetPayload, SheetStructure, pack_rows

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
#: Record numbers: cells by what they hold; a short one has no column of its own but follows the one before.
_ROW, _COLUMNS, _MERGE = 0, 60, 176
_RK, _ERROR, _BOOLEAN, _REAL, _STRING, _SHARED, _RICH = 2, 3, 4, 5, 6, 7, 62
_FORMULA = {8: _STRING, 9: _REAL, 10: _BOOLEAN, 11: _ERROR}
_SHORT = {12: 1, 13: _RK, 14: _ERROR, 15: _BOOLEAN, 16: _REAL, 17: _STRING, 18: _SHARED}
_BLANK = 1
_CELLS = frozenset((_BLANK, _RK, _ERROR, _BOOLEAN, _REAL, _STRING, _SHARED, _RICH, *_FORMULA, *_SHORT))


@dataclass
class _Book:
    kinds: list[Kind] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    is_1904: bool = False


def sheets_of(stream: BinaryIO) -> list[SheetPayload]:
    """The worksheets in workbook order."""
    try:
        return list(_sheets(Package(stream)))
    except (struct.error, IndexError) as error:  # a record that is shorter than its kind
        raise WorkbookError("workbook_broken") from error


def _sheets(package: Package) -> Iterator[SheetPayload]:
    main = package.main("xl/workbook.bin")
    relations = package.relations(main)
    target = {kind: part for _, kind, part in relations}
    book = _Book(_kinds(package.read(target.get("styles", ""))))
    book.shared = [
        _wide(body, 1)
        for number, body in _records(package.read(target.get("sharedStrings", "")))
        if number == 19
    ]
    parts = {key: (kind, part) for key, kind, part in relations}
    for number, body in _records(package.read(main)):
        if number == 153:
            book.is_1904 = bool(body[0] & 1)
        elif number == 156:
            relation = _wide(body, 8)
            name = _wide(body, 12 + 2 * struct.unpack_from("<I", body, 8)[0])
            kind, part = parts.get(relation, ("", ""))
            if kind == "worksheet":
                is_hidden = struct.unpack_from("<I", body)[0] != 0
                yield _sheet(package.read(part), name, book, SheetStructure(is_hidden))


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        number, at = content[at], at + 1
        if number & 0x80:
            number, at = (number & 0x7F) | (content[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while True:
            byte, at = content[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        if at + size > len(content):
            raise WorkbookError("workbook_broken")
        yield number, content[at : at + size]
        at += size


def _wide(body: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<I", body, at)
    if at + 4 + 2 * length > len(body):
        raise WorkbookError("workbook_broken")
    return body[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")


def _kinds(content: bytes) -> list[Kind]:
    own: dict[int, Kind] = {}
    out: list[Kind] = []
    of_cells = False
    for number, body in _records(content):
        if number == 44:
            own[struct.unpack_from("<H", body)[0]] = kind_of(_wide(body, 2))
        elif number in (617, 618):
            of_cells = number == 617
        elif number == 47 and of_cells:
            (code,) = struct.unpack_from("<H", body, 2)
            out.append(own[code] if code in own else BUILT_IN.get(code, ""))
    return out


def _sheet(content: bytes, name: str, book: _Book, structure: SheetStructure) -> SheetPayload:
    if not content:
        raise WorkbookError("workbook_broken")
    cells: list[tuple[int, int, str]] = []
    row = column = 0
    for number, body in _records(content):
        if number == _ROW:
            row, column = struct.unpack_from("<I", body)[0] + 1, 0
            if body[11] & 0x10 or struct.unpack_from("<H", body, 8)[0] == 0:
                structure.hidden_rows.add(row)
        elif number == _COLUMNS:
            first, last, width = struct.unpack_from("<III", body)
            if body[16] & 1 or width == 0:
                structure.hide_columns(first + 1, last + 1)
        elif number == _MERGE:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            structure.merges.append((top + 1, left + 1, bottom + 1, right + 1))
        elif number in _CELLS:
            start = 4 if number in _SHORT else 8
            column = column + 1 if number in _SHORT else struct.unpack_from("<I", body)[0] + 1
            style = int.from_bytes(body[start - 4 : start - 1], "little")
            kind = _SHORT.get(number, _FORMULA.get(number, number))
            cells.append((row, column, _text(kind, body[start:], style, book)))
    return pack_rows(name, cells, structure)


def _text(kind: int, body: bytes, style: int, book: _Book) -> str:
    if kind in (_RK, _REAL):
        value = _packed(body) if kind == _RK else float(struct.unpack_from("<d", body)[0])
        return styled_text(value, book.kinds[style] if style < len(book.kinds) else "", book.is_1904)
    if kind == _SHARED:
        number = int(struct.unpack_from("<I", body)[0])
        if number >= len(book.shared):
            raise WorkbookError("workbook_broken")
        return book.shared[number]
    if kind == _ERROR:
        return _ERRORS.get(body[0], "#ERROR!")
    if kind == _BOOLEAN:
        return "是" if body[0] else "否"
    return "" if kind == _BLANK else _wide(body, 1 if kind == _RICH else 0)


def _packed(body: bytes) -> float:
    """A number in 30 bits: an integer or the upper half of a float, perhaps in hundredths."""
    (raw,) = struct.unpack_from("<I", body)
    if raw & 2:
        value = float(struct.unpack_from("<i", body)[0] >> 2)
    else:
        value = float(struct.unpack("<d", struct.pack("<II", 0, raw & 0xFFFFFFFC))[0])
    return value / 100 if raw & 1 else value
