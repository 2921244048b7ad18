"""The sheet in front of a marked workbook: its part of the package, and its place in the workbook's list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from flows.contract.text import column_letter, legal_text
from flows.read.roundtrip.marks import COVER_SHEET
from flows.returns.mark_styles import Styles

#: The part of the sheet in a workbook that has none yet.
FRONT_PART = "xl/worksheets/returned.xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class NotMarkable(Exception):
    """The package is written in a way that is not understood; the text says which."""


@dataclass(frozen=True)
class FrontLine:
    """A row of the sheet in front: texts from column A on, in one style (`title`, `head`, `text` …)."""

    texts: tuple[str, ...]
    style: str = "text"


def inline_cell(row: int, position: int, text: str, style: int) -> str:
    """A cell that holds its own text; `row` from 1, `position` from 0."""
    shown = escape(legal_text(text)[:32_000])
    return (
        f'<c r="{column_letter(position + 1)}{row}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{shown}</t></is></c>'
    )


def front_sheet(lines: Sequence[FrontLine], widths: Sequence[int], styles: Styles) -> str:
    """The part of the sheet in front: column widths in characters, lines over the whole width merged."""
    columns = "".join(
        f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(widths, 1)
    )
    rows = "".join(
        f'<row r="{row}"{_height(line, sum(widths))}>'
        + "".join(
            inline_cell(row, i, text, styles.named(line.style)) for i, text in enumerate(line.texts) if text
        )
        + "</row>"
        for row, line in enumerate(lines, 1)
    )
    wide = [row for row, line in enumerate(lines, 1) if line.style in ("wide", "alert") and len(widths) > 1]
    last = column_letter(len(widths))
    merges = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in wide)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"/></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{rows}</sheetData>"
        + (f'<mergeCells count="{len(wide)}">{merges}</mergeCells>' if wide else "")
        + "</worksheet>"
    )


def _height(line: FrontLine, width: int) -> str:
    """The height of a row whose cells are merged: no spreadsheet finds it by itself."""
    if line.style not in ("wide", "alert"):
        return ""
    shown = sum(2 if ord(char) > 0x2E80 else 1 for char in line.texts[0])
    return f' ht="{16 * -(-shown // (width - 4))}" customHeight="1"'


def register(parts: dict[str, bytes]) -> None:
    """Put the sheet in front into the workbook's list; everything that counts sheets moves up by one."""
    book = parts["xl/workbook.xml"].decode("utf-8-sig")
    number = max(map(int, re.findall(r'\bsheetId="(\d+)"', book)), default=0) + 1
    sheet = f'<sheet xmlns:r="{RELATION}" name="{COVER_SHEET}" sheetId="{number}" r:id="rIdReturned"/>'
    book = book.replace("<sheets>", f"<sheets>{sheet}", 1)
    book = re.sub(r'\blocalSheetId="(\d+)"', lambda m: f'localSheetId="{int(m[1]) + 1}"', book)
    parts["xl/workbook.xml"] = re.sub(r'\s(?:activeTab|firstSheet)="\d+"', "", book).encode()
    relation = (
        f'<Relationship Id="rIdReturned" Type="{RELATION}/worksheet" Target="worksheets/returned.xml"/>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    override = f'<Override PartName="/{FRONT_PART}" ContentType="{kind}"/>'
    for name, end, line in (
        ("xl/_rels/workbook.xml.rels", "</Relationships>", relation),
        ("[Content_Types].xml", "</Types>", override),
    ):
        text = parts[name].decode("utf-8-sig")
        if end not in text:
            raise NotMarkable(name)
        parts[name] = text.replace(end, line + end).encode()
