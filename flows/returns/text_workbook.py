"""A workbook made of what was read: every cell as text at its own place, so that no program changes it.

For files that are no .xlsx: a district that opens a CSV in a spreadsheet loses leading zeros and the last digits
of ID numbers before it has corrected anything. Its columns
are text as well, because that is where it will type.
Nothing but text, merged and hidden parts is carried over.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from flows.contract.text import column_letter, legal_text
from flows.read.roundtrip.sheet_view import View

#: The sheet of a file that has none of its own; a name that says nothing about record kind or period.
NAMELESS = "数据"
#: What a spreadsheet can hold. A longer cell is cut: its row is rejected as it is.
MOST_COLUMNS, MOST_ROWS, MOST_CHARACTERS = 16_000, 1_048_576, 32_767

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Style 1 is text.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def sheet_names(views: Sequence[View]) -> list[str]:
    """A name a spreadsheet takes for each sheet, as much of its own as possible."""
    names: list[str] = []
    for view in views:
        wanted = re.sub(r"[\[\]:*?/\\]", "_", view.sheet).strip("'")[:31] or NAMELESS
        name, number = wanted, 1
        while name.lower() in (taken.lower() for taken in names):
            number += 1
            name = f"{wanted[:28]}_{number}"
        names.append(name)
    return names


def plain_workbook(views: Sequence[View], names: Sequence[str], created: datetime) -> bytes:
    """An .xlsx with a sheet for each view, `names` beside them; equal arguments give equal bytes."""
    numbers = range(1, len(views) + 1)
    kinds = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    kinds += [(f"/xl/worksheets/sheet{i}.xml", "worksheet") for i in numbers]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_KIND}.{kind}+xml"/>' for part, kind in kinds
    )
    hidden = [' state="hidden"' if view.structure.is_hidden else "" for view in views]
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}"{state} r:id="rId{i}"/>'
        for i, name, state in zip(numbers, names, hidden, strict=True)
    )
    stated = f"{created:%Y-%m-%dT%H:%M:%S}Z"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": _relations([("rId1", f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")]),
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stated}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{stated}</dcterms:modified></cp:coreProperties>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations([
            *((f"rId{i}", f"{_OFFICE}/worksheet", f"worksheets/sheet{i}.xml") for i in numbers),
            ("rIdStyles", f"{_OFFICE}/styles", "styles.xml")]),
        "xl/styles.xml": _STYLES.removeprefix(_HEAD),
    }  # fmt: skip
    parts |= {f"xl/worksheets/sheet{i}.xml": _sheet(view) for i, view in zip(numbers, views, strict=True)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _HEAD + content)
    return out.getvalue()


def _relations(items: Sequence[tuple[str, str, str]]) -> str:
    lines = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, kind, target in items)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _sheet(view: View) -> str:
    columns = "".join(
        f'<col min="{i}" max="{i}" width="14" style="1" customWidth="1"{_hidden(i in view.structure.hidden_columns)}/>'
        for i in range(1, min(view.width, MOST_COLUMNS) + 1)
    )
    letters = [column_letter(i + 1) for i in range(min(view.width, MOST_COLUMNS))]
    rows = "".join(
        f'<row r="{row}"{_hidden(row in view.structure.hidden_rows)}>{_cells(row, cells, letters)}</row>'
        for row, cells in sorted(view.rows.items()) if row <= MOST_ROWS
    )  # fmt: skip
    spans = "".join(
        f'<mergeCell ref="{column_letter(first)}{top}:{column_letter(last)}{bottom}"/>'
        for top, first, bottom, last in view.structure.merges
    )
    return (
        f'<worksheet xmlns="{_MAIN}">{f"<cols>{columns}</cols>" if columns else ""}<sheetData>{rows}</sheetData>'
        f"{f'<mergeCells>{spans}</mergeCells>' if spans else ''}</worksheet>"
    )


def _cells(row: int, cells: Sequence[str], letters: Sequence[str]) -> str:
    return "".join(
        f'<c r="{letter}{row}" s="1" t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(legal_text(cell)[:MOST_CHARACTERS])}</t></is></c>"
        for letter, cell in zip(letters, cells, strict=False)
        if cell
    )


def _hidden(is_hidden: bool) -> str:
    return ' hidden="1"' if is_hidden else ""
