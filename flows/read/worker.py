"""A child process that reads workbooks: one request a line on standard input, framed answers out.

Started as a script of its own, with the standard library and the reader library alone, so that a panic,
a hang or a memory bomb in that library ends this process and nothing else. Refuses to format: numbers,
dates and booleans become text in one fixed form each (see `cell_text`).
"""

from __future__ import annotations

import array
import datetime as dt
import itertools
import json
import re
import struct
import sys
import zipfile
from decimal import Decimal
from typing import BinaryIO
from xml.etree import ElementTree

import python_calamine as calamine

#: From here on a number has more than the 15 digits that a spreadsheet keeps.
LOSSY = 10**15
#: Last rows up to here are read however empty the sheet is.
SPARSE = 100_000


def number_text(value: float) -> str:
    """A number as a spreadsheet shows it, with at most its 15 digits; longer ones as 5.00118199001011E+17."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if abs(value) >= LOSSY:
        mantissa, _, exponent = f"{value:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    if value == int(value):
        return str(int(value))
    return format(Decimal(f"{value:.15g}").normalize(), "f")


def cell_text(value: object) -> str | None:
    """The text of a typed cell: ISO dates, 是/否, plain numbers; None for an empty cell."""
    kind = type(value)
    if kind is str:
        return value or None  # type: ignore[return-value]
    if kind is float or kind is int:
        return number_text(value)  # type: ignore[arg-type]
    if kind is bool:
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    return None if value is None else str(value)


def sheets(path: str) -> list[tuple[dict[str, object], bytes]]:
    """(facts, packed columns) for each worksheet; `first_row` is 1-based, columns begin with A."""
    out = []
    marks = marked_cells(path)
    with calamine.CalamineWorkbook.from_path(path) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            rows = sheet.to_python(skip_empty_area=True)
            top, left = sheet.start or (0, 0)
            columns = [[cell_text(value) for value in column] for column in zip(*rows, strict=True)]
            restore(columns, top, left, marks.get(meta.name, {}))
            packed = [pack(column) for column in columns]
            facts: dict[str, object] = {
                "name": meta.name, "visible": meta.visible == calamine.SheetVisibleEnum.Visible,
                "first_row": top + 1, "rows": len(rows), "left": left,
                "sizes": [len(data) for _, data in packed],
            }  # fmt: skip
            out.append((facts, b"".join(part for pair in packed for part in pair)))
    return out


def pack(column: list[str | None]) -> tuple[bytes, bytes]:
    """A column as Arrow lays out strings: int32 offsets, then UTF-8; an empty cell has no bytes."""
    cells = [cell.encode("utf-8", "replace") if cell else b"" for cell in column]
    return array.array("i", (0, *itertools.accumulate(map(len, cells)))).tobytes(), b"".join(cells)


def restore(columns: list[list[str | None]], top: int, left: int, marks: dict[tuple[int, int], str]) -> None:
    """Put back what the reader library drops: error values, and the percent sign of percent formats."""
    for (row, column), mark in marks.items():
        if row < top or not left <= column < left + len(columns) or row - top >= len(columns[0]):
            continue
        cells, at = columns[column - left], row - top
        text = cells[at]
        if mark != "%":
            cells[at] = mark
        elif text and PLAIN.fullmatch(text):
            cells[at] = f"{(Decimal(text) * 100).normalize():f}%"


PLAIN = re.compile(r"-?\d+(\.\d+)?")
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_LAST_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"')
_XML = {"main": "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
        "rel": "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"}  # fmt: skip


def marked_cells(path: str) -> dict[str, dict[tuple[int, int], str]]:
    """Sheet → (row, column) from 0 → error text, or `%` for a percent format.

    A byte scan decides whether a sheet is looked at closely; a sheet whose last row stands far below its
    content is refused here, before the reader library fills the gap with memory.
    """
    out: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(path) as package:
        percent = _percent_styles(package)
        for name, part in _sheet_parts(package):
            content = package.read(part)
            cells = content.count(b"<c ") + content.count(b"<c>")
            last = max(map(int, _LAST_ROW.findall(content[content.rfind(b"<row ") :][:2000])), default=0)
            if last > SPARSE and last > 1000 * max(cells, 1):
                raise MemoryError
            styled = percent and any(b's="%d"' % style in content for style in percent)
            if b't="e"' in content or styled:
                out[name] = _marks(content, percent)
    return out


def _marks(content: bytes, percent: set[int]) -> dict[tuple[int, int], str]:
    marks = {}
    for match in _CELL.finditer(content):
        attributes, inner = match[1], match[2]
        style = _STYLE.search(attributes)
        error = b't="e"' in attributes
        if not (error or (style and int(style[1]) in percent)):
            continue
        address, value = _ADDRESS.search(attributes), _VALUE.search(inner or b"")
        if address and value:
            column = 0
            for letter in address[1]:
                column = column * 26 + letter - 64
            marks[int(address[2]) - 1, column - 1] = value[1].decode() if error else "%"
    return marks


def _tree(package: zipfile.ZipFile, part: str) -> ElementTree.Element:
    # Entities cannot grow: expat limits their amplification, and this process its memory.
    return ElementTree.fromstring(package.read(part))  # noqa: S314


def _percent_styles(package: zipfile.ZipFile) -> set[int]:
    """Numbers of the cell styles whose number format shows percent."""
    try:
        root = _tree(package, "xl/styles.xml")
    except KeyError:
        return set()
    own = {int(f.get("numFmtId", 0)): f.get("formatCode", "") for f in root.iter(_XML["main"] + "numFmt")}
    formats = {9, 10, *(number for number, code in own.items() if "%" in code.split(";")[0])}
    styles = root.find(_XML["main"] + "cellXfs")
    return {
        i
        for i, xf in enumerate(styles if styles is not None else ())
        if int(xf.get("numFmtId", 0)) in formats
    }


def _sheet_parts(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    """(sheet name, package part) in workbook order."""
    relations = _tree(package, "xl/_rels/workbook.xml.rels")
    parts = {r.get("Id"): r.get("Target", "") for r in relations}
    out = []
    for sheet in _tree(package, "xl/workbook.xml").iter(_XML["main"] + "sheet"):
        target = parts.get(sheet.get(_XML["rel"] + "id"), "")
        part = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if "worksheets/" in part and part in package.namelist():
            out.append((sheet.get("name", ""), part))
    return out


def _limit(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit still holds.
        return
    limit = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(out: BinaryIO, head: object, bodies: list[bytes]) -> None:
    text = json.dumps(head).encode()
    out.write(struct.pack("<II", len(text), len(bodies)) + text)
    for body in bodies:
        out.write(struct.pack("<Q", len(body)))
        out.write(body)
    out.flush()


def main() -> None:
    """Answer requests until standard input ends. argv[1]: memory limit in MiB."""
    _limit(int(sys.argv[1]))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            found = sheets(request["path"])
        except calamine.PasswordError:
            _send(out, {"error": "file_encrypted"}, [])
        except MemoryError:
            _send(out, {"error": "workbook_too_large"}, [])
        except Exception as error:  # one file's fault must not end the process for the others
            _send(out, {"error": "workbook_broken", "detail": type(error).__name__}, [])
        else:
            _send(out, {"sheets": [facts for facts, _ in found]}, [body for _, body in found])


if __name__ == "__main__":
    main()
