"""Workbooks of the .xlsx family (.xlsm, .xltx, strict ones): the package, its styles, its texts, its sheets.

Every cell keeps its kind: an error stays an error, a formula that nobody calculated says so, a number is read
by its format and the workbook's epoch. Refuses parts larger than declared, and packages larger than allowed.
Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import numpy as np

from flows.read.formats.number_formats import BUILT_IN, Kind, kind_of
from flows.read.formats.package import Package, Tag, in_utf8
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import SheetPayload, SheetStructure, whole
from flows.read.formats.xlsx.fallback import feed, parser_of, plain_form
from flows.read.formats.xlsx.scan import Ints, Unusual
from flows.read.formats.xlsx.worksheet import Book, pack_part, unescaped


@dataclass(frozen=True)
class _Sheet:
    name: str
    part: str
    is_hidden: bool


def sheets_of(stream: BinaryIO) -> Iterator[SheetPayload]:
    """The worksheets in workbook order; chart and macro sheets have no rows and are left out."""
    package = Package(stream)
    main = package.main("xl/workbook.xml")
    workbook = package.tags(main, "workbook", "workbookPr", "calcPr", "sheet")
    if not workbook:
        raise WorkbookError("workbook_broken")
    relations = package.relations(main)
    target = {kind: part for _, kind, part in reversed(relations)}
    book = Book(
        kinds=_kinds(package, target.get("styles", "xl/styles.xml")),
        is_1904=_is_on(workbook, "workbookPr", "date1904"),
        is_stale=_is_on(workbook, "calcPr", "fullCalcOnLoad"),
    )
    book.shared, book.lengths = _shared(package.read(target.get("sharedStrings", "xl/sharedStrings.xml")))
    for sheet in _worksheets(workbook, relations):
        yield _pack(package, book, sheet)


def _pack(package: Package, book: Book, sheet: _Sheet) -> SheetPayload:
    blocks = package.blocks(sheet.part)
    start = next(blocks, b"")
    if not start:
        raise WorkbookError("workbook_broken")
    if in_utf8(start):
        with contextlib.suppress(Unusual):
            return pack_part(chain([start], blocks), book, sheet.name, SheetStructure(sheet.is_hidden))
    try:
        plain = plain_form(package.blocks(sheet.part))
        return pack_part(plain, book, sheet.name, SheetStructure(sheet.is_hidden))
    except Unusual as error:
        raise WorkbookError("workbook_broken") from error


def _is_on(tags: Sequence[Tag], element: str, attribute: str) -> bool:
    return any(
        name == element and given.get(attribute, "0").lower() in ("1", "true", "on") for name, given in tags
    )


def _worksheets(tags: Sequence[Tag], relations: list[tuple[str, str, str]]) -> Iterator[_Sheet]:
    parts = {key: (kind, part) for key, kind, part in relations}
    for name, given in tags:
        kind, part = parts.get(given.get("id", ""), ("worksheet", ""))
        if name == "sheet" and kind == "worksheet":
            yield _Sheet(given.get("name", ""), part, given.get("state", "visible") != "visible")


def _kinds(package: Package, part: str) -> list[Kind]:
    """What the number format of each cell style says."""
    own, out, is_of_cells = dict[int, Kind](), list[Kind](), False
    for name, given in package.tags(part, "numFmt", "cellStyleXfs", "cellXfs", "xf"):
        number = whole(given, "numFmtId", 0)
        if name == "numFmt":
            own[number] = kind_of(given.get("formatCode", ""))
        elif name == "xf" and is_of_cells:
            out.append(own[number] if number in own else BUILT_IN.get(number, ""))
        elif name != "xf":
            is_of_cells = name == "cellXfs"
    return out


#: What stands between two texts in the plainest form, and each text in the plain one.
_BETWEEN = b"</t></si><si><t>"
_SCANNED = 1 << 22
_PLAIN_TEXT = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')


def _shared(content: bytes) -> tuple[bytes, Ints]:
    """The shared strings one after the other, UTF-8, and how long each is."""
    if not content:
        return b"", np.zeros(0, dtype=np.int32)
    usual = b"<!" not in content and b"&" not in content and b"_x" not in content and b"\r" not in content
    if usual and in_utf8(content) and (plain := _plainest(content) or _plain(content)):
        return plain
    walk = _Strings()
    feed(parser_of(walk), content, True)
    coded = [unescaped(text).encode("utf-8", "replace") for text in walk.out]
    return b"".join(coded), np.fromiter(map(len, coded), np.int32, len(coded))


def _plainest(content: bytes) -> tuple[bytes, Ints] | None:
    """The shared strings if nothing but the same tags stands between them, else None."""
    start, end = content.find(b"<si><t>"), content.rfind(b"</t></si>")
    if not 0 <= start < end or content.find(b"<si", 0, start) >= 0 or content.find(b"<si", end) >= 0:
        return None
    content = content[start + 7 : end]
    if content.count(b"<") != 4 * content.count(_BETWEEN):
        return None
    data = np.frombuffer(content, dtype=np.uint8)
    tags = [
        np.flatnonzero(data[at : at + _SCANNED] == 60).astype(np.int32) + at
        for at in range(0, len(data), _SCANNED)
    ]
    ends = np.append(np.concatenate([np.zeros(0, np.int32), *tags])[::4], np.int32(len(data)))
    starts = np.append(np.int32(0), ends[:-1] + len(_BETWEEN))
    return content.replace(_BETWEEN, b""), ends - starts


def _plain(content: bytes) -> tuple[bytes, Ints] | None:
    """The same if all are written without runs."""
    texts = _PLAIN_TEXT.findall(content)
    if not texts or len(texts) != content.count(b"<si"):
        return None
    return b"".join(texts), np.fromiter(map(len, texts), np.int32, len(texts))


class _Strings:
    """The texts of <si>, runs joined, phonetic runs left out."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._parts: list[str] = []
        self._phonetic = self._listening = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        self._listening = name == "t" and not self._phonetic

    def end(self, name: str) -> None:
        self._listening = False
        if name == "si":
            self.out.append("".join(self._parts))
        elif name == "rPh":
            self._phonetic = False

    def text(self, text: str) -> None:
        if self._listening:
            self._parts.append(text)
