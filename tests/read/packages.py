"""Workbooks from raw XML, for what no writing library writes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from flows.read.formats.process.workbooks import SheetGrid, read_workbook

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def package(
    path: Path,
    sheet: str,
    *,
    shared: str = "",
    formats: tuple[str, ...] = (),
    workbook: str = "",
    calculation: str = "",
    main: str = MAIN,
) -> Path:
    """A workbook with one sheet. `sheet`: all within <worksheet>; `shared`: the <si> elements; `formats`: number
    formats of cell styles 1, 2, …; `workbook`, `calculation`: elements before and after the list of sheets."""
    codes = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{c}"/>' for i, c in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{164 + i}"/>' for i in range(len(formats)))
    parts = {
        "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}">{workbook}<sheets>'
        f'<sheet name="表" sheetId="1" r:id="r1"/></sheets>{calculation}</workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {RELATIONS}>"
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {MAIN}><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{styles}'
        "</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}>{sheet}</worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rows_in(grid: SheetGrid) -> dict[int, list[str | None]]:
    """Row number → cells, blank rows left out."""
    out: dict[int, list[str | None]] = {}
    for chunk in grid.body(0, grid.width):
        cells = zip(*(column.to_pylist() for column in chunk.columns), strict=True)
        out |= {int(n): list(row) for n, row in zip(chunk.numbers, cells, strict=True) if any(row)}
    return out


def only_sheet(path: Path) -> SheetGrid:
    """The one worksheet that is not blank."""
    (grid,) = read_workbook(path)
    return grid
