"""Marks in a workbook: coloured cells, two columns right of each table, drop-downs, a sheet in front.

The package is changed as text, in the places that need it, and every other byte stays: formats, formulas with
their results, pictures, charts and macros of a district's own file are still there, which no library that
loads and saves a workbook can promise. Refuses (`NotMarkable`) a package written in a way not met here, so that
its caller can fall back on a plain copy; nothing is guessed about a file somebody will go on working with.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from xml.sax.saxutils import quoteattr

from flows.contract.text import column_letter, column_number
from flows.read.roundtrip.marks import CHOICE_SHEET, COVER_SHEET, KEY_HEADER, NOTE_HEADER
from flows.returns.front_part import (
    CHOICE_PART,
    FRONT_PART,
    RELATION,
    FrontLine,
    NotMarkable,
    choice_sheet,
    define_name,
    front_sheet,
    inline_cell,
    lines_of,
    register,
)
from flows.returns.mark_styles import Styles
from flows.returns.sheet_setup import Offer, with_choices, with_frozen_head, with_page

_SHEETDATA = re.compile(r"<sheetData>(.*)</sheetData>", re.DOTALL)
_ROW = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(/>|>.*?</c>)", re.DOTALL)
_R_ROW, _R_CELL = re.compile(r'\br="(\d+)"'), re.compile(r'\br="([A-Z]{1,3})\d+"')
_STYLE = re.compile(r'\bs="(\d+)"')
_SPANS = re.compile(r'\sspans="[^"]*"')
_COL = re.compile(r"<col\b([^>]*?)/>")
_HEIGHT = re.compile(r'\s(?:ht|customHeight)="[^"]*"')
_WIDTHS = (60, 18)
#: Points that a line of a note takes.
_LINE = 15


@dataclass
class Marks:
    """What is added to one sheet. Rows count from 1, positions from 0; `column` is the first free one."""

    column: int
    headers: set[int] = field(default_factory=set)
    notes: dict[int, str] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    cells: dict[tuple[int, int], str] = field(default_factory=dict)  # → error | warning
    as_text: set[tuple[int, int]] = field(default_factory=set)  # cells whose next entry must stay text
    offers: list[Offer] = field(default_factory=list)
    head_rows: int = 0  # rows that stay in view

    @cached_property
    def by_row(self) -> dict[int, dict[int, str]]:
        """The coloured cells of each row: position → severity."""
        out: dict[int, dict[int, str]] = {}
        for (row, position), kind in self.cells.items():
            out.setdefault(row, {})[position] = kind
        return out

    def texts(self, row: int) -> list[tuple[int, str, str]]:
        """(position, text, style) of what is added to a row."""
        if row in self.headers:
            keys = [(self.column + 1, KEY_HEADER, "head")] if self.keys else []
            return [(self.column, NOTE_HEADER, "head"), *keys]
        found = [(self.column, self.notes.get(row), "note"), (self.column + 1, self.keys.get(row), "key")]
        return [(position, text, style) for position, text, style in found if text]


def mark(
    package: bytes, sheets: Mapping[str, Marks], cover: Sequence[FrontLine], widths: Sequence[int]
) -> bytes:
    """The same workbook with marks on the sheets named, and `cover` in front; `NotMarkable` if it is odd.

    Equal arguments give equal bytes.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        parts = {info.filename: source.read(info) for info in source.infolist() if not info.is_dir()}
    places = _places(parts)
    styles = Styles(_text(parts, "xl/styles.xml"))
    if not styles.is_known:
        raise NotMarkable("styles")
    offered = {offer.words: offer.title for marks in sheets.values() for offer in marks.offers}
    numbers = {words: number for number, words in enumerate(offered, 1)}
    for name, marks in sheets.items():
        if name not in places:
            raise NotMarkable("sheet")
        parts[places[name]] = _sheet(_text(parts, places[name]), marks, styles, numbers).encode()
    front = places.get(COVER_SHEET, FRONT_PART)
    for part in [
        p for p in parts if p.startswith(("xl/worksheets/", "xl/chartsheets/")) and p.endswith(".xml")
    ]:
        parts[part] = parts[part].replace(b' tabSelected="1"', b"").replace(b' tabSelected="true"', b"")
    parts[front] = front_sheet(cover, widths, styles).encode()
    parts["xl/styles.xml"] = styles.text().encode()
    if offered or CHOICE_SHEET in places:
        words = [list(words) for words in offered] or [[]]
        parts[places.get(CHOICE_SHEET, CHOICE_PART)] = choice_sheet(
            [*offered.values()] or [""], words
        ).encode()
        if CHOICE_SHEET not in places:
            register(parts, CHOICE_SHEET, CHOICE_PART, is_front=False)
    if front == FRONT_PART:
        register(parts, COVER_SHEET, FRONT_PART, is_front=True)
    _print_whole(parts, sheets)
    return _packed(parts)


def _print_whole(parts: dict[str, bytes], sheets: Mapping[str, Marks]) -> None:
    """Let the print area of a marked sheet end with our columns, not before; repeat its head on every page."""
    book = _text(parts, "xl/workbook.xml")
    names = re.findall(r'<sheet\b[^>]*?\sname="([^"]*)"', book)
    for place, name in enumerate(names):
        marks = sheets.get(_plain(name))
        if marks is None:
            continue
        own = rf'<definedName\b(?=[^>]*"_xlnm\.{{}}")(?=[^>]*localSheetId="{place}")[^>]*>'
        area = re.compile(
            own.format("Print_Area") + r"[^<,]*!\$[A-Z]+\$\d+:\$(?P<last>[A-Z]+)\$\d+</definedName>"
        )
        if found := area.search(book):
            book = book[: found.start("last")] + column_letter(marks.column + 2) + book[found.end("last") :]
        if marks.head_rows and not re.search(own.format("Print_Titles"), book):
            rows = f"'{name.replace(chr(39), chr(39) * 2)}'!$1:${marks.head_rows}"
            book = define_name(
                book, f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{rows}</definedName>'
            )
    parts["xl/workbook.xml"] = book.encode()


def _text(parts: Mapping[str, bytes], name: str) -> str:
    try:
        return parts[name].decode("utf-8-sig")
    except (KeyError, UnicodeDecodeError) as error:
        raise NotMarkable(name) from error


def _places(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet name → package part."""
    book, relations = _text(parts, "xl/workbook.xml"), _text(parts, "xl/_rels/workbook.xml.rels")
    if f'"{RELATION}"' not in book or "<sheets>" not in book:
        raise NotMarkable("workbook")
    targets = {}
    for relation in re.findall(r"<Relationship\b[^>]*>", relations):
        found = dict(re.findall(r'(\w+)="([^"]*)"', relation))
        target = found.get("Target", "")
        targets[found.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    places = {}
    for sheet in re.findall(r"<sheet\b[^>]*>", book):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', sheet))
        number = next((value for name, value in found.items() if name.endswith(":id")), "")
        places[_plain(found.get("name", ""))] = targets.get(number, "")
    return places


def _plain(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def _sheet(xml: str, marks: Marks, styles: Styles, numbers: Mapping[tuple[str, ...], int]) -> str:
    body = _SHEETDATA.search(xml)
    if body is None or "<row" not in body[1]:
        raise NotMarkable("rows")
    columns, standing = _columns(xml, marks.column)
    wanted = {*marks.headers, *marks.notes, *marks.keys, *(row for row, _ in marks.cells)}
    met: set[int] = set()

    def marked(match: re.Match[str]) -> str:
        number = _R_ROW.search(match[1])
        if number is None:
            raise NotMarkable("row without number")
        met.add(int(number[1]))
        return _row(int(number[1]), match[1], match[2] or "", marks, styles, standing)

    rows = _ROW.sub(marked, body[1])
    if wanted - met:
        raise NotMarkable("row missing")
    head, tail = xml[: body.start()], xml[body.end() :]
    last = column_letter(marks.column + 2)
    head = re.sub(r'(<dimension ref="[A-Z]+\d+:)[A-Z]+(\d+")', rf"\g<1>{last}\g<2>", head)
    head = re.sub(r"<cols>.*?</cols>|<cols/>", "", head, flags=re.DOTALL) + columns
    # A filter sorts the columns it spans: one that ended left of the keys would tear them from their rows.
    own = column_letter(marks.column)
    tail = re.sub(rf'(<autoFilter ref="\$?[A-Z]+\$?\d+:\$?){own}(\$?\d+")', rf"\g<1>{last}\g<2>", tail)
    tail = with_choices(tail, [(offer, numbers[offer.words]) for offer in marks.offers])
    head, tail = with_page(with_frozen_head(head, marks.head_rows), tail)
    return f"{head}<sheetData>{rows}</sheetData>{tail}"


def _row(
    row: int, attributes: str, inner: str, marks: Marks, styles: Styles, standing: Mapping[int, int]
) -> str:
    added = {p: inline_cell(row, p, text, styles.named(name)) for p, text, name in marks.texts(row)}
    opening = f"<row{_high_enough(_SPANS.sub('', attributes), marks.notes.get(row, ''))}>"
    coloured = marks.by_row.get(row, {})
    if not coloured and not styles.has_marks and _ends_before(inner, marks.column):
        return f"{opening}{inner}{''.join(added.values())}</row>"
    cells: dict[int, str] = {}
    for match in _CELL.finditer(inner):
        address = _R_CELL.search(match[1])
        if address is None:
            raise NotMarkable("cell without address")
        position, style = column_number(address[1]) - 1, _STYLE.search(match[1])
        if position < marks.column:
            number = styles.without_mark(int(style[1])) if style else 0
            cells[position] = _restyled(match, number) if style and number != int(style[1]) else match[0]
    for position, kind in coloured.items():
        present = _CELL.fullmatch(cells.get(position) or f'<c r="{column_letter(position + 1)}{row}"/>')
        if present is None:
            raise NotMarkable("cell")
        style = _STYLE.search(present[1])
        base = int(style[1]) if style else standing.get(position, 0) if position not in cells else 0
        cells[position] = _restyled(present, styles.marked(base, kind, (row, position) in marks.as_text))
    cells |= added
    return f"{opening}{''.join(cells[p] for p in sorted(cells))}</row>"


def _high_enough(attributes: str, note: str) -> str:
    """The attributes of a row that shows a whole note: a height that is stored is not found anew by a spreadsheet."""
    found = re.search(r'\bht="([\d.]+)"', attributes)
    lines = lines_of(note, _WIDTHS[0] - 2)
    if lines == 1 or (found and float(found[1]) >= lines * _LINE):
        return attributes
    return f'{_HEIGHT.sub("", attributes).rstrip()} ht="{lines * _LINE}" customHeight="1"'


def _ends_before(inner: str, column: int) -> bool:
    """Whether the last cell of a row, with an address, stands left of a position."""
    last = _R_CELL.search(inner, max(inner.rfind("<c "), 0))
    return not inner or (last is not None and column_number(last[1]) - 1 < column)


def _restyled(match: re.Match[str], style: int) -> str:
    return f'<c{_STYLE.sub("", match[1]).rstrip()} s="{style}"{match[2]}'


def _columns(xml: str, first: int) -> tuple[str, dict[int, int]]:
    """`<cols>` with widths for our two columns, and position → style of the columns that have one."""
    block = re.search(r"<cols>(.*?)</cols>", xml, re.DOTALL)
    kept, standing = [], {}
    for match in _COL.finditer(block[1] if block else ""):
        found = dict(re.findall(r'(\w+)="([^"]*)"', match[1]))
        low, high = int(found["min"]), int(found["max"])
        if "style" in found:
            standing.update({i - 1: int(found["style"]) for i in range(low, min(high, first) + 1)})
        rest = "".join(f" {name}={quoteattr(v)}" for name, v in found.items() if name not in ("min", "max"))
        for start, end in ((low, min(high, first)), (max(low, first + 3), high)):
            if start <= end:
                kept.append((start, f'<col min="{start}" max="{end}"{rest}/>'))
    for place, width in enumerate(_WIDTHS, first + 1):
        kept.append((place, f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'))
    return f"<cols>{''.join(text for _, text in sorted(kept))}</cols>", standing


def _packed(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            package.writestr(info, content)
    return out.getvalue()
