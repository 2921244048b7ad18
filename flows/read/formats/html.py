"""Tables of web pages, which export programs like to name .xls, and of pages saved with all their parts (.mht).

Read the way that a spreadsheet program opens them: one sheet for a page, its tables one below the other, lines of
text between them as rows of one cell. The shown text counts. Refuses to believe spans: a cell may cover no more
columns than the standard allows. Part of the child process: standard library and numpy.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import BinaryIO

from flows.read.formats.decode import decoded
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import COLUMNS, SheetPayload, SheetStructure, pack_rows

#: As in the HTML standard.
MOST_ACROSS, MOST_DOWN = 1000, 65_534
_SILENT = frozenset(("script", "style", "head", "title", "template", "comment", "xml", "noscript"))
_LINES = frozenset(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "center", "li", "body", "br"))
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|(?<![-\w])visibility\s*:\s*(?:collapse|hidden)", re.IGNORECASE
)
_BLANK = re.compile(r"[ \t\r\n\f]+")
_SAVED = re.compile(rb"\s*(?:mime-version|content-type|from|date|subject|x-\w+)\s*:", re.IGNORECASE)


def sheets_of(stream: BinaryIO) -> list[SheetPayload]:
    """A page as one sheet without a name; of a page with parts each part that has a table."""
    content = stream.read()
    pages = [(decoded(content), "")] if not _SAVED.match(content) else list(_parts(content))
    found = [sheet for text, name in pages if (sheet := _sheet(text, name))]
    if not found:
        raise WorkbookError("format_markup")
    return found


def _parts(content: bytes) -> Iterator[tuple[str, str]]:
    """Text and name of each page that was saved in one file."""
    for part in email.message_from_bytes(content, policy=email.policy.default).walk():
        body = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(body, bytes) and b"<t" in body.lower():
            name = PurePosixPath(part.get("Content-Location", "")).stem
            yield decoded(body, part.get_content_charset("")), name


def _sheet(text: str, name: str) -> SheetPayload | None:
    page = _Page()
    page.feed(text)
    page.close()
    page.end_line()
    return pack_rows(name, page.cells, page.structure) if page.has_table else None


class _Page(HTMLParser):
    """Rows count from 1 over the whole page. `_below`: column → rows that a cell above still covers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[tuple[int, int, str]] = []
        self.structure, self.has_table = SheetStructure(), False
        self._row = self._column = 0
        self._below: dict[int, int] = {}
        self._text: list[str] = []
        self._in_cell = self._in_row = False
        self._silent = self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self.has_table = True
            self._depth += 1
            if self._depth == 1:
                self.end_line()
        elif tag == "tr" and self._depth == 1:
            self._start_row("hidden" in given or bool(_HIDDEN.search(given.get("style", ""))))
        elif tag in ("td", "th") and self._depth == 1:
            self._start_cell(given)
        elif tag == "br" and self._in_cell:
            self._text.append("\n")
        elif tag in _LINES and not self._in_cell:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th") and self._depth == 1:
            self._end_cell()
        elif tag == "tr" and self._depth == 1:
            self._end_cell()
            self._in_row = False
        elif tag == "table":
            if self._depth == 1:
                self._end_cell()
                self._below, self._in_row = {}, False
            self._depth = max(0, self._depth - 1)
        elif tag in _LINES and not self._in_cell:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if not self._silent and (self._in_cell or not self._in_row):
            self._text.append(_BLANK.sub(" ", data))

    def end_line(self) -> None:
        """Text between tables becomes a row of its own; within a cell it belongs to the cell."""
        if not self._in_cell:
            text, self._text = self._joined(), []
            if text:
                self._row += 1
                self.cells.append((self._row, 1, text))

    def _joined(self) -> str:
        lines = "".join(self._text).split("\n")
        return "\n".join(line.strip(" ") for line in lines).strip()

    def _start_row(self, is_hidden: bool) -> None:
        self._end_cell()
        self.end_line()
        self._row, self._column, self._in_row = self._row + 1, 0, True
        self._below = {column: rows - 1 for column, rows in self._below.items() if rows > 1}
        if is_hidden:
            self.structure.hidden_rows.add(self._row)

    def _start_cell(self, given: dict[str, str]) -> None:
        self._end_cell()
        if not self._in_row:
            self._start_row(False)
        self._column += 1
        while self._column in self._below:
            self._column += 1
        across, down = (
            _span(given.get("colspan", ""), MOST_ACROSS),
            _span(given.get("rowspan", ""), MOST_DOWN),
        )
        if self._column + across - 1 > COLUMNS:
            raise WorkbookError("workbook_too_large")
        self._in_cell, self._text, self._start = True, [], self._column
        self._column += across - 1
        if down > 1:
            self._below |= dict.fromkeys(range(self._start, self._column + 1), down)
        if across > 1 or down > 1:
            self.structure.merges.append((self._row, self._start, self._row + down - 1, self._column))

    def _end_cell(self) -> None:
        if self._in_cell:
            self.cells.append((self._row, self._start, self._joined()))
            self._in_cell, self._text = False, []


def _span(text: str, most: int) -> int:
    match = re.match(r"\s*\+?(\d+)", text)
    return min(max(int(match[1][:9]), 1), most) if match else 1
