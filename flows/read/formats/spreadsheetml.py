"""Workbooks in one XML file (SpreadsheetML 2003), as web systems export them under the name .xls.

Refuses documents that declare entities. Part of the child process: standard library and numpy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import BinaryIO

from flows.read.formats.decode import decoded
from flows.read.formats.number_formats import NOT_CALCULATED, Kind, cell_text, kind_of, styled_text
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import COLUMNS, ROWS, SheetPayload, SheetStructure, pack_rows, whole
from flows.read.formats.xlsx.fallback import feed, parser_of

_EPOCH = dt.datetime.fromisoformat("1899-12-30")
_NAMED: Mapping[str, Kind] = {
    "Percent": "percent",
    "General Date": "day",
    "Long Date": "day",
    "Medium Date": "day",
    "Short Date": "day",
    "Long Time": "time",
    "Medium Time": "time",
    "Short Time": "time",
}


def sheets_of(stream: BinaryIO) -> list[SheetPayload]:
    """The worksheets in workbook order."""
    walk = _SpreadsheetReader()
    # The text is handed on in UTF-8, whatever the document says of itself.
    feed(parser_of(walk, "utf-8"), decoded(stream.read()).encode("utf-8", "replace"), True)
    if not walk.is_workbook:
        raise WorkbookError("format_markup")
    return walk.out


class _SpreadsheetReader:
    """Rows and columns count from 1."""

    def __init__(self) -> None:
        self.out: list[SheetPayload] = []
        self.is_workbook = False
        self._kinds: dict[str, Kind] = {}
        self._style = ""
        self._path: list[str] = []
        self._text: list[str] = []
        self._begin("")

    def _begin(self, name: str) -> None:
        self._name, self._structure = name, SheetStructure()
        self._cells: list[tuple[int, int, str]] = []
        self._row: int = 0
        self._last: int = 0
        self._column: int = 0
        self._width: int = 0

    def start(self, name: str, given: Mapping[str, str]) -> None:
        # Other parts of the document (external books, pivot tables) have rows and cells of their own.
        above = self._path[-2:]
        self._path.append(name)
        if name == "Workbook" and not above:
            self.is_workbook = True
        elif name == "Style":
            self._style = given.get("ID", "")
        elif name == "NumberFormat":
            code = given.get("Format", "")
            self._kinds[self._style] = _NAMED.get(code) or kind_of(code)
        elif name == "Worksheet" and above == ["Workbook"]:
            self._begin(given.get("Name", ""))
        elif name == "Visible":
            self._text = []
        elif name == "Column" and above == ["Worksheet", "Table"]:
            self._width = _next(given, self._width, COLUMNS)
            last = min(self._width + whole(given, "Span", 0), COLUMNS)
            if given.get("Hidden") == "1" or _is_zero(given.get("Width")):
                self._structure.hide_columns(self._width, last)
            self._width = last
        elif name == "Row" and above == ["Worksheet", "Table"]:
            self._row, self._column = _next(given, self._row, ROWS), 0
            self._last = min(self._row + whole(given, "Span", 0), ROWS)
            if given.get("Hidden") == "1" or _is_zero(given.get("Height")):
                self._structure.hidden_rows.update(range(self._row, self._last + 1))
        elif name == "Cell" and above == ["Table", "Row"]:
            self._start_cell(given)
        elif name == "Data" and above == ["Row", "Cell"]:
            self._kind, self._text = given.get("Type", "String"), []

    def _start_cell(self, given: Mapping[str, str]) -> None:
        self._column = self._first = _next(given, self._column, COLUMNS)
        across, down = whole(given, "MergeAcross", 0), whole(given, "MergeDown", 0)
        if across or down:
            self._structure.merges.append((self._row, self._first, self._row + down, self._first + across))
        self._column += across
        self._form = self._kinds.get(given.get("StyleID", ""), "")
        self._kind = "Waiting" if "Formula" in given else "Blank"

    def text(self, text: str) -> None:
        if "Comment" not in self._path and ("Data" in self._path or self._path[-1] == "Visible"):
            self._text.append(text)

    def end(self, name: str) -> None:
        self._path.pop()
        above = self._path[-2:]
        if name == "Cell" and above == ["Table", "Row"]:
            text = (
                NOT_CALCULATED if self._kind == "Waiting" else "" if self._kind == "Blank" else self._value()
            )
            self._cells.append((self._row, self._first, text))
        elif name == "Row" and above == ["Worksheet", "Table"]:
            self._row = self._last
        elif name == "Visible" and above == ["Worksheet", "WorksheetOptions"]:
            self._structure.is_hidden = "".join(self._text).strip() in ("SheetHidden", "SheetVeryHidden")
        elif name == "Worksheet" and above == ["Workbook"]:
            self.out.append(pack_rows(self._name, self._cells, self._structure))

    def _value(self) -> str:
        text = "".join(self._text)
        try:
            if self._kind == "Number":
                return styled_text(float(text), self._form)
            if self._kind == "DateTime":
                moment = dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
                if self._form in ("month", "year", "time"):
                    serial = (moment - _EPOCH) / dt.timedelta(days=1)
                    return styled_text(serial if moment.year > 1899 else serial % 1, self._form)
                return cell_text(moment) or ""
        except ValueError:
            return text
        return {"1": "是", "0": "否"}.get(text.strip(), text) if self._kind == "Boolean" else text


def _next(given: Mapping[str, str], before: int, most: int) -> int:
    number = whole(given, "Index", before + 1)
    if not before < number <= most:
        raise WorkbookError("workbook_too_large")
    return number


def _is_zero(size: str | None) -> bool:
    return size is not None and re.fullmatch(r"[0.]+", size) is not None
