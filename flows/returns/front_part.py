"""The sheet in front of a marked workbook: its part of the package, and its place in the workbook's list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from flows.contract.text import column_letter, legal_text
from flows.returns.mark_styles import Styles

#: The parts of our sheets in a workbook that has none of them yet.
FRONT_PART, CHOICE_PART = "xl/worksheets/returned.xml", "xl/worksheets/returned_choices.xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

#: Points that a line takes on the sheet in front, and its title.
_LINE, _TITLE = 16, 26
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class NotMarkable(Exception):
    """The package is written in a way that is not understood; the text says which."""


@dataclass(frozen=True)
class FrontLine:
    """A row of the sheet in front: texts from column A on, in one style (`title`, `head`, `text` …)."""

    texts: tuple[str, ...]
    style: str = "text"

    @property
    def spans_from(self) -> int:
        """The column, from 1, from which the last text spans the rest of the width; 0 where none does."""
        return {"wide": 1, "alert": 1, "pair": 2}.get(self.style, 0)


def inline_cell(row: int, position: int, text: str, style: int) -> str:
    """A cell that holds its own text; `row` from 1, `position` from 0."""
    shown = escape(legal_text(text)[:32_000])
    return (
        f'<c r="{column_letter(position + 1)}{row}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{shown}</t></is></c>'
    )


def front_sheet(lines: Sequence[FrontLine], widths: Sequence[int], styles: Styles) -> str:
    """The part of the sheet in front: column widths in characters, lines over the whole width merged, A4 landscape."""
    columns = "".join(
        f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(widths, 1)
    )
    rows = "".join(
        f'<row r="{row}"{_height(line, widths)}>'
        + "".join(
            inline_cell(row, i, text, styles.named(line.style))
            for i, text in enumerate(_filled(line, len(widths)))
            if text or line.style == "head"
        )
        + "</row>"
        for row, line in enumerate(lines, 1)
    )
    last = column_letter(len(widths))
    merges = [
        f'<mergeCell ref="{column_letter(first)}{row}:{last}{row}"/>'
        for row, line in enumerate(lines, 1)
        if (first := line.spans_from) and first < len(widths)
    ]
    merged = f'<mergeCells count="{len(merges)}">{"".join(merges)}</mergeCells>' if merges else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"/></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{rows}</sheetData>{merged}"
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'
    )


def _filled(line: FrontLine, columns: int) -> tuple[str, ...]:
    """The texts of a line; a headline reaches over all columns."""
    return line.texts + ("",) * (columns - len(line.texts)) if line.style == "head" else line.texts


def _height(line: FrontLine, widths: Sequence[int]) -> str:
    """The height of a row: of wrapped and merged cells not every spreadsheet finds it by itself."""
    if line.style == "title":
        return f' ht="{_TITLE}" customHeight="1"'
    if line.style == "head":
        return ""
    spans = [sum(widths[i:]) if i == line.spans_from - 1 else width for i, width in enumerate(widths)]
    height = max((lines_of(t, width - 2) for t, width in zip(line.texts, spans, strict=False)), default=1)
    return f' ht="{_LINE * height}" customHeight="1"' if height > 1 else ""


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a cell of so many characters; a 汉字 takes two."""
    shown = (sum(2 if ord(char) > 0x2E80 else 1 for char in part) for part in text.split("\n"))
    return sum(max(1, -(-part // width)) for part in shown)


def choice_sheet(titles: Sequence[str], lists: Sequence[Sequence[str]]) -> str:
    """The part of the hidden sheet of choices: a column for each list, its title on top."""
    columns = [[title, *words] for title, words in zip(titles, lists, strict=True)]
    rows = "".join(
        f'<row r="{row}">'
        + "".join(
            inline_cell(row, place, column[row - 1], 0)
            for place, column in enumerate(columns)
            if row <= len(column)
        )
        + "</row>"
        for row in range(1, max(map(len, columns)) + 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def define_name(book: str, line: str) -> str:
    """The workbook's list with one more defined name, where the schema wants it."""
    if "</definedNames>" in book:
        return book.replace("</definedNames>", f"{line}</definedNames>", 1)
    book = re.sub(r"<definedNames\s*/>", "", book)
    after = "calcPr|oleSize|customWorkbookViews|pivotCaches|smartTag|webPublish|fileRecoveryPr|extLst"
    place = re.search(rf"<(?:{after})|</workbook>", book)
    at = place.start() if place else len(book)
    return f"{book[:at]}<definedNames>{line}</definedNames>{book[at:]}"


def register(parts: dict[str, bytes], name: str, part: str, is_front: bool) -> None:
    """Put a sheet into the workbook's list: in front, so that what counts sheets moves up by one, or hidden at its end."""
    book = parts["xl/workbook.xml"].decode("utf-8-sig")
    number = max(map(int, re.findall(r'\bsheetId="(\d+)"', book)), default=0) + 1
    relation_id = f"rIdReturned{number}"
    state = "" if is_front else ' state="hidden"'
    sheet = f'<sheet xmlns:r="{RELATION}" name="{name}" sheetId="{number}"{state} r:id="{relation_id}"/>'
    if is_front:
        book = book.replace("<sheets>", f"<sheets>{sheet}", 1)
        book = re.sub(r'\blocalSheetId="(\d+)"', lambda m: f'localSheetId="{int(m[1]) + 1}"', book)
        book = re.sub(r'\s(?:activeTab|firstSheet)="\d+"', "", book)
    else:
        book = book.replace("</sheets>", f"{sheet}</sheets>", 1)
    parts["xl/workbook.xml"] = book.encode()
    target = part.removeprefix("xl/")
    relation = f'<Relationship Id="{relation_id}" Type="{RELATION}/worksheet" Target="{target}"/>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    override = f'<Override PartName="/{part}" ContentType="{kind}"/>'
    for listing, end, line in (
        ("xl/_rels/workbook.xml.rels", "</Relationships>", relation),
        ("[Content_Types].xml", "</Types>", override),
    ):
        text = parts[listing].decode("utf-8-sig")
        if end not in text:
            raise NotMarkable(listing)
        parts[listing] = text.replace(end, line + end).encode()
