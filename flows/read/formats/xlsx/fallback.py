"""A worksheet part in its plain form: what any XML says, written the way that `cells` reads.

The detour of the sheets that no common program wrote: prefixes, comments, CDATA, rich text, cells and rows
without an address, other encodings. Refuses documents that declare entities, so that none can grow.
Part of the child process: standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from flows.contract.text import column_letter, column_number
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import whole

_KEPT = ("col", "mergeCell", "sheetFormatPr")
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def parser_of(handler: object, encoding: str | None = None) -> expat.XMLParserType:
    """An XML parser that calls `start`, and `end` and `text` where there are such, with local names. It refuses a type
    declaration, which no spreadsheet needs and bombs are made of."""

    def refuse(*_: object) -> None:
        raise WorkbookError("workbook_broken")

    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    start, end = getattr(handler, "start"), getattr(handler, "end", None)  # noqa: B009
    parser.StartElementHandler = lambda name, given: start(
        name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in given.items()}
    )
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        parser.CharacterDataHandler = getattr(handler, "text")  # noqa: B009
    return parser


def feed(parser: expat.XMLParserType, block: bytes, is_last: bool = False) -> None:
    """Parse on; what is no XML, or in an encoding that nobody knows, is broken."""
    try:
        parser.Parse(block, is_last)
    except expat.ExpatError as error:
        raise WorkbookError("workbook_broken") from error
    except LookupError as error:
        if type(error) is not LookupError:  # of a handler
            raise
        raise WorkbookError("workbook_broken") from error


def plain_form(part: Iterable[bytes]) -> Iterator[bytes]:
    """The part with rows, cells, column widths and merges in the plain form, block by block."""
    walk = _XmlReader()
    parser = parser_of(walk)
    for block in chain(part, [b""]):
        feed(parser, block, not block)
        if walk.out:
            yield "".join(walk.out).encode("utf-8", "replace")
            walk.out.clear()


class _XmlReader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self._row = self._column = 0
        self._cell: Mapping[str, str] | None = None
        self._found: dict[str, list[str]] = {}  # v: its value; t: its own text, run by run
        self._is_formula = False
        self._open: list[str] = []  # elements within the cell
        self._listening: list[str] | None = None

    def start(self, name: str, given: Mapping[str, str]) -> None:
        if self._cell is not None:
            self._open.append(name)
            self._is_formula |= name == "f"
            # Of rich text the runs count; the phonetic ones only say how the others are read.
            is_text = name == "v" or (name == "t" and "rPh" not in self._open)
            self._listening = self._found.setdefault(name, []) if is_text else None
        elif name == "c":
            self._cell, self._found, self._is_formula = given, {}, False
        elif name == "row":
            self._row, self._column = whole(given, "r", self._row + 1), 0
            self.out.append(_tag("row", {**given, "r": str(self._row)}) + ">")
        elif name in ("sheetData", "cols", "mergeCells"):
            self.out.append(f"<{name}>")
        elif name in _KEPT:
            self.out.append(_tag(name, given) + "/>")

    def end(self, name: str) -> None:
        if self._open:
            self._open.pop()
            self._listening = None
        elif self._cell is not None:
            self._close_cell(self._cell)
            self._cell = None
        elif name in ("row", "sheetData", "cols", "mergeCells"):
            self.out.append(f"</{name}>")

    def text(self, text: str) -> None:
        if self._listening is not None:
            self._listening.append(text)

    def _close_cell(self, given: Mapping[str, str]) -> None:
        match = _ADDRESS.fullmatch(given.get("r", "").upper())
        letters = match[1] if match else column_letter(self._column + 1)
        row = match[2] if match else str(self._row)
        self._column = column_number(letters)
        kind, style = given.get("t", "n"), given.get("s", "0")
        first, second = ("t", "v") if kind == "inlineStr" else ("v", "t")
        found = self._found.get(first, self._found.get(second))
        value = "" if found is None else f"<v>{escape(''.join(found), _RETURN)}</v>"
        kind = "str" if kind == "inlineStr" else kind
        formula = "<f/>" if self._is_formula else ""
        self.out.append(f'<c r="{letters}{row}" s="{style}" t="{kind}">{formula}{value}</c>')


_RETURN = {"\r": "&#13;"}


def _tag(name: str, given: Mapping[str, str]) -> str:
    return f"<{name}" + "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
