"""OpenDocument spreadsheets (.ods, .ots), by their XML.

A cell says its value beside the text that it shows: the value counts, and the text where it proves more (leading
zeros, a month that was typed as such, the name of an error). Refuses to repeat what says that it is repeated a
million times, unless something stands in it. Part of the child process: standard library and numpy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from flows.read.formats.number_formats import span_text, styled_text
from flows.read.formats.package import Package
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import (
    COLUMNS,
    SheetPayload,
    SheetStructure,
    pack_rows,
    whole,
)
from flows.read.formats.xlsx.fallback import feed, parser_of

MOST_CELLS = 10_000_000
_MONTH = re.compile(r"[12]\d{3}\s*[年./-]\s*\d{1,2}\s*月?|\d{1,2}月\s*[12]\d{3}年?")
_SPAN = re.compile(r"(-?)P(?:(\d+)D)?T(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_BLOCK = frozenset(("p", "h"))


def sheets_of(stream: BinaryIO) -> list[SheetPayload]:
    """The tables in their order."""
    walk = _OdsReader()
    parser = parser_of(walk)
    for block in _content(stream):
        feed(parser, block)
    feed(parser, b"", True)
    return walk.out


def _content(stream: BinaryIO) -> Iterator[bytes]:
    if stream.read(2) != b"PK":  # all of it in one XML file (.fods)
        stream.seek(0)
        yield from iter(lambda: stream.read(1 << 20), b"")
        return
    package = Package(stream)
    if "content.xml" not in package:
        raise WorkbookError("workbook_broken")
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise WorkbookError("file_encrypted")
    yield from package.blocks("content.xml")


class _OdsReader:
    """Rows and columns count from 1; `_row` is the first one of a repeated row."""

    def __init__(self) -> None:
        self.out: list[SheetPayload] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0
        self._cell: Mapping[str, str] | None = None
        self._text: list[str] = []
        self._filled: list[tuple[int, str]] = []
        self._aside = 0  # within a note or a drawing, whose text is not the cell's

    def start(self, name: str, given: Mapping[str, str]) -> None:
        if self._aside or name in ("annotation", "shapes", "frame", "custom-shape"):
            self._aside += 1
        elif name == "style":
            self._style = given.get("name", "")
        elif name == "table-properties":
            if given.get("display") == "false":
                self._hidden_styles.add(self._style)
        elif name == "table":
            self._start_table(given)
        elif name == "table-column":
            count = whole(given, "number-columns-repeated")
            if given.get("visibility", "visible") != "visible":
                self._structure.hide_columns(self._next_column, self._next_column + count - 1)
            self._next_column += count
        elif name == "table-row":
            self._repeat, self._column, self._filled = whole(given, "number-rows-repeated"), 1, []
            if given.get("visibility", "visible") != "visible":
                self._hidden.append((self._row, self._row + self._repeat - 1))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text = given, []
        elif self._cell is not None:
            self._add_sign(name, given)

    def _start_table(self, given: Mapping[str, str]) -> None:
        self._name = given.get("name", "")
        self._structure = SheetStructure(given.get("style-name", "") in self._hidden_styles)
        self._row = self._next_column = 1
        self._found: list[tuple[int, int, str]] = []
        self._hidden: list[tuple[int, int]] = []

    def _add_sign(self, name: str, given: Mapping[str, str]) -> None:
        if name in _BLOCK and self._text:
            self._text.append("\n")
        elif name == "s":
            self._text.append(" " * min(whole(given, "c"), 32_767))
        elif name == "tab":
            self._text.append("\t")
        elif name == "line-break":
            self._text.append("\n")

    def text(self, text: str) -> None:
        if self._cell is not None and not self._aside:
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
        elif name in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row":
            if len(self._found) + len(self._filled) * self._repeat > MOST_CELLS:
                raise WorkbookError("workbook_too_large")
            rows = range(self._row, self._row + (self._repeat if self._filled else 0))
            self._found.extend((row, column, text) for row in rows for column, text in self._filled)
            self._row += self._repeat
        elif name == "table":
            last_row = self._found[-1][0] if self._found else 0  # below it a million rows may be hidden
            for first, last in self._hidden:
                self._structure.hidden_rows.update(range(first, min(last, last_row) + 1))
            self.out.append(pack_rows(self._name, self._found, self._structure))

    def _end_cell(self, given: Mapping[str, str]) -> None:
        repeat = whole(given, "number-columns-repeated")
        across, down = (
            whole(given, "number-columns-spanned"),
            whole(given, "number-rows-spanned"),
        )
        if across > 1 or down > 1:
            self._structure.merges.append(
                (self._row, self._column, self._row + down - 1, self._column + across - 1)
            )
        if text := value_text(given, "".join(self._text)):
            if repeat > COLUMNS:
                raise WorkbookError("workbook_too_large")
            self._filled.extend((self._column + i, text) for i in range(repeat))
        self._column += repeat


def value_text(given: Mapping[str, str], shown: str) -> str:
    """The text of a cell with these attributes that shows this text. (`value-type` error is LibreOffice's own.)"""
    kind = given.get("value-type", "")
    if kind == "error":
        return shown if shown.startswith("#") else "#ERROR!"
    if shown.startswith("Err:") and "formula" in given:
        return "#ERROR!"
    if kind in ("float", "currency", "percentage"):
        try:
            value = float(given.get("value", "nan"))
        except ValueError:
            return shown
        text = styled_text(value, "percent" if kind == "percentage" else "")
        stripped = shown.strip()
        is_padded = stripped.isascii() and stripped.isdigit() and stripped.lstrip("0") == text.lstrip("0")
        return stripped if is_padded and stripped.startswith("0") else text
    if kind == "date":
        return _date(given.get("date-value", ""), shown)
    if kind == "time":
        return _span(given.get("time-value", ""))
    if kind == "boolean":
        return "是" if given.get("boolean-value") == "true" else "否"
    if kind == "string":
        return shown or given.get("string-value", "")
    return (
        shown  # of a formula too: LibreOffice, which always calculates, writes an empty text without a type
    )


def _date(value: str, shown: str) -> str:
    day, _, clock = value.partition("T")
    if day.endswith("-01") and not clock.strip("0:.") and _MONTH.fullmatch(shown.strip()):
        return f"{int(day[:4])}年{int(day[5:7])}月"
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment.isoformat(" ", "seconds") if clock.strip("0:.") else moment.date().isoformat()


def _span(value: str) -> str:
    match = _SPAN.fullmatch(value)
    if not match:
        return value
    sign, days, hours, minutes, seconds = match.groups()
    try:
        span = dt.timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    except (OverflowError, ValueError):
        return value
    text = span_text(span)
    return sign + (text.zfill(8) if span < dt.timedelta(days=1) else text)
