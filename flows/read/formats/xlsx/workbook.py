"""Workbooks of the .xlsx family (.xlsm, .xltx, strict ones): the package, its styles, its texts, its sheets.

Every cell keeps its kind: an error stays an error, a formula that nobody calculated says so, a number is read
by its format and the workbook's epoch. Refuses parts larger than declared, and packages larger than allowed.
Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np

from flows.read.formats.number_formats import BUILT_IN, Kind, kind_of
from flows.read.formats.package import Package
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import SheetPayload, SheetStructure, whole
from flows.read.formats.xlsx.fallback import parser_of, plain_form
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
    workbook = package.tree(main)
    relations = package.relations(main)
    target = {kind: part for _, kind, part in reversed(relations)}
    book = Book(
        kinds=_kinds(package, target.get("styles", "xl/styles.xml")),
        is_1904=_is_on(workbook, "workbookPr", "date1904"),
        is_stale=_is_on(workbook, "calcPr", "fullCalcOnLoad"),
    )
    book.shared, book.lengths = _shared(package.read(target.get("sharedStrings", "xl/sharedStrings.xml")))
    for sheet in _worksheets(workbook, relations):
        content = package.read(sheet.part)
        if not content:
            raise WorkbookError("workbook_broken")
        yield _pack(content, book, sheet)


def _pack(content: bytes, book: Book, sheet: _Sheet) -> SheetPayload:
    if _is_utf8(content):
        with contextlib.suppress(Unusual):
            return pack_part(content, book, sheet.name, SheetStructure(sheet.is_hidden))
    try:
        return pack_part(plain_form(content), book, sheet.name, SheetStructure(sheet.is_hidden))
    except Unusual as error:
        raise WorkbookError("workbook_broken") from error


def _is_utf8(content: bytes) -> bool:
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", content[:200])
    return content[:2] not in (b"\xff\xfe", b"\xfe\xff") and (
        declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    )


def _is_on(workbook: ElementTree.Element, element: str, attribute: str) -> bool:
    return any(e.get(attribute, "0").lower() in ("1", "true", "on") for e in workbook.iter(element))


def _worksheets(workbook: ElementTree.Element, relations: list[tuple[str, str, str]]) -> Iterator[_Sheet]:
    parts = {key: (kind, part) for key, kind, part in relations}
    for sheet in workbook.iter("sheet"):
        kind, part = parts.get(sheet.get("id", ""), ("worksheet", ""))
        if kind == "worksheet":
            yield _Sheet(sheet.get("name", ""), part, sheet.get("state", "visible") != "visible")


def _kinds(package: Package, part: str) -> list[Kind]:
    """What the number format of each cell style says."""
    if not package.read(part):
        return []
    root = package.tree(part)
    own = {f.get("numFmtId", ""): kind_of(f.get("formatCode", "")) for f in root.iter("numFmt")}
    styles = root.find("cellXfs")
    out: list[Kind] = []
    for style in styles if styles is not None else ():
        number = style.get("numFmtId", "0")
        out.append(own[number] if number in own else BUILT_IN.get(whole(style.attrib, "numFmtId", 0), ""))
    return out


#: What stands between two texts in the plainest form, and each text in the plain one.
_BETWEEN = b"</t></si><si><t>"
_PLAIN_TEXT = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')


def _shared(content: bytes) -> tuple[bytes, Ints]:
    """The shared strings one after the other, UTF-8, and how long each is."""
    if not content:
        return b"", np.zeros(0, dtype=np.int64)
    usual = b"<!" not in content and b"&" not in content and b"_x" not in content and b"\r" not in content
    if usual and _is_utf8(content):
        texts = _plain_texts(content)
        if texts is not None:
            return b"".join(texts), np.fromiter(map(len, texts), np.int64, len(texts))
    walk = _Strings()
    parser_of(walk).Parse(content, True)
    coded = [unescaped(text).encode("utf-8", "replace") for text in walk.out]
    return b"".join(coded), np.fromiter(map(len, coded), np.int64, len(coded))


def _plain_texts(content: bytes) -> list[bytes] | None:
    """The shared strings if all are written without runs, else None."""
    start, end = content.find(b"<si><t>"), content.rfind(b"</t></si>")
    if 0 <= start < end and content.find(b"<si", 0, start) < 0:
        texts = content[start + 7 : end].split(_BETWEEN)
        if b"<" not in b"".join(texts) and content.find(b"<si", end) < 0:
            return texts
    texts = _PLAIN_TEXT.findall(content)
    return texts if texts and len(texts) == content.count(b"<si") else None


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
