"""Grids as the bytes of a file: workbooks, text, and the two things that are called .xls and are not.

The same grid always gives the same bytes: a delivery is known by its hash.
"""

import csv
import html
import io
import struct
import zipfile
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from tests.natural.hand import Cell
from tests.natural.layout import Grid
from tests.read.binary import compound_bytes

_WHEN = datetime(2015, 12, 28, 9, 30)


def write(grids: list[Grid], format: str, encoding: str) -> bytes:
    match format:
        case "xlsx":
            return _xlsx(grids)
        case "xls":
            return compound_bytes(_biff(grids))
        case "csv" | "tsv" | "txt":
            return _text(grids[0], "," if format == "csv" else "\t").encode(encoding)
        case "html":
            return _html(grids, encoding)
        case "spreadsheetml":
            return _spreadsheetml(grids)
        case "ods":
            return _ods(grids)
    raise ValueError(f"no such format: {format}")


def _xlsx(grids: list[Grid]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.created, book.properties.modified = "user", _WHEN, _WHEN
    thin = Side(style="thin")
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for (row, column), cell in grid.cells.items():
            target = sheet.cell(row, column)
            value = cell.value
            target.value = datetime(value.year, value.month, value.day) if isinstance(value, date) else value
            target.number_format = cell.look
            target.border = Border(thin, thin, thin, thin)
            target.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        for top, left, bottom, right in grid.merged:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        if (1, 1) in grid.cells:
            sheet.cell(1, 1).font = Font(name="宋体", size=16, bold=True)
        for column in range(1, grid.width + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 14
    stream = io.BytesIO()
    book.save(stream)
    return _same_times(stream.getvalue())


def _same_times(archive: bytes) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                # openpyxl stamps the moment of saving over the one that was set.
                start, end = content.index(b"<dcterms:modified"), content.index(b"</dcterms:modified>")
                inner = content.index(b">", start) + 1
                content = content[:inner] + f"{_WHEN.isoformat()}Z".encode() + content[end:]
            new.writestr(zipfile.ZipInfo(name, _WHEN.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


# What Excel of that time saves: number formats by their built-in numbers, 164 is the first of one's own.
_LOOKS = {"General": 0, "0": 1, "#,##0": 3, "#,##0.00": 4, "yyyy/m/d": 14, "yyyy-mm-dd": 164}
_LONGEST_RECORD = 8224


def _biff(grids: list[Grid]) -> bytes:
    """The stream of a workbook in binary records (BIFF 8): text in one table of strings, days as numbers."""
    texts: dict[str, int] = {}
    sheets = [_biff_sheet(grid, texts) for grid in grids]
    fonts = _biff_record(
        0x31, struct.pack("<5H4B", 220, 0, 0x7FFF, 400, 0, 0, 3, 134, 0) + _biff_text("宋体", "B")
    )
    # Fifteen styles and the default come before the cells' own formats.
    formats = [(0xFFF5, 0)] * 15 + [(1, look) for look in _LOOKS.values()]
    xfs = b"".join(
        _biff_record(0xE0, struct.pack("<3H", 0, look, kind) + b"\0" * 14) for kind, look in formats
    )
    before = (
        _biff_record(0x809, struct.pack("<4H2I", 0x600, 5, 2412, 1997, 0, 6))
        + _biff_record(0x42, struct.pack("<H", 1200))
        + fonts * 4
        + _biff_record(0x41E, struct.pack("<H", 164) + _biff_text("yyyy-mm-dd", "H"))
        + xfs
    )
    strings = _biff_strings(list(texts))
    names = [_biff_text(grid.name, "B") for grid in grids]
    place = len(before) + sum(10 + len(name) for name in names) + len(strings) + 4
    bounds = []
    for name, sheet in zip(names, sheets, strict=True):
        bounds.append(_biff_record(0x85, struct.pack("<IH", place, 0) + name))
        place += len(sheet)
    return b"".join([before, *bounds, strings, _biff_record(0x0A, b""), *sheets])


def _biff_record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def _biff_text(text: str, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def _biff_strings(texts: list[str]) -> bytes:
    """The table of strings, broken between two of them where a record would become too long."""
    parts = [struct.pack("<II", len(texts), len(texts))]
    for text in texts:
        entry = _biff_text(text, "H")
        if len(parts[-1]) + len(entry) > _LONGEST_RECORD:
            parts.append(b"")
        parts[-1] += entry
    return b"".join(_biff_record(0x3C if number else 0xFC, part) for number, part in enumerate(parts))


def _biff_sheet(grid: Grid, texts: dict[str, int]) -> bytes:
    parts = [
        _biff_record(0x809, struct.pack("<4H2I", 0x600, 16, 2412, 1997, 0, 6)),
        _biff_record(0x200, struct.pack("<2I3H", 0, grid.last, 0, grid.width, 0)),
    ]
    for (row, column), cell in sorted(grid.cells.items()):
        at = struct.pack("<3H", row - 1, column - 1, 15 + list(_LOOKS).index(cell.look))
        match cell.value:
            case date() as day:
                parts.append(_biff_record(0x203, at + struct.pack("<d", (day - date(1899, 12, 30)).days)))
            case int() | Decimal() as number:
                parts.append(_biff_record(0x203, at + struct.pack("<d", number)))
            case text:
                number = texts.setdefault(str(text), len(texts))
                parts.append(_biff_record(0xFD, at + struct.pack("<I", number)))
    for top, left, bottom, right in grid.merged:
        parts.append(_biff_record(0xE5, struct.pack("<5H", 1, top - 1, bottom - 1, left - 1, right - 1)))
    return b"".join([*parts, _biff_record(0x0A, b"")])


def _text(grid: Grid, separator: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\r\n").writerows(grid.shown())
    return stream.getvalue()


def _spans(grid: Grid) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Per first cell of a merged range its (rows, columns), and the cells that the range covers."""
    spans, covered = {}, set()
    for top, left, bottom, right in grid.merged:
        spans[top, left] = (bottom - top + 1, right - left + 1)
        covered |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {
            (top, left)
        }
    return spans, covered


def _html(grids: list[Grid], encoding: str) -> bytes:
    parts = [
        f'<html xmlns:x="urn:schemas-microsoft-com:office:excel">\r\n<head><meta http-equiv=Content-Type '
        f'content="text/html; charset={encoding}"><style>td{{border:.5pt solid black;}}</style></head>\r\n<body>'
    ]
    for grid in grids:
        spans, covered = _spans(grid)
        parts.append("<table border=1>")
        for row, texts in enumerate(grid.shown(), 1):
            parts.append("<tr>")
            for column, text in enumerate(texts, 1):
                if (row, column) in covered:
                    continue
                rows, columns = spans.get((row, column), (1, 1))
                size = (f" rowspan={rows}" if rows > 1 else "") + (
                    f" colspan={columns}" if columns > 1 else ""
                )
                style = " style='mso-number-format:\"\\@\"'" if len(text) > 11 and text[:11].isdigit() else ""
                parts.append(f"<td{size}{style}>{html.escape(text) or '&nbsp;'}</td>")
            parts.append("</tr>")
        parts.append("</table><br>")
    parts.append("</body></html>")
    return "\r\n".join(parts).encode(encoding)


def _spreadsheetml(grids: list[Grid]) -> bytes:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
        '<Styles><Style ss:ID="d"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style></Styles>'
    ]
    for grid in grids:
        spans, covered = _spans(grid)
        parts.append(f"<Worksheet ss:Name={quoteattr(grid.name)}><Table>")
        for row in range(1, grid.last + 1):
            parts.append(f'<Row ss:Index="{row}">')
            for column in range(1, grid.width + 1):
                cell = grid.cells.get((row, column))
                if cell is None or (row, column) in covered:
                    continue
                rows, columns = spans.get((row, column), (1, 1))
                size = (f' ss:MergeAcross="{columns - 1}"' if columns > 1 else "") + (
                    f' ss:MergeDown="{rows - 1}"' if rows > 1 else ""
                )
                style = ' ss:StyleID="d"' if isinstance(cell.value, date) else ""
                parts.append(f'<Cell ss:Index="{column}"{size}{style}>{_spreadsheetml_data(cell)}</Cell>')
            parts.append("</Row>")
        parts.append("</Table></Worksheet>")
    parts.append("</Workbook>")
    return "\n".join(parts).encode("utf-8")


def _spreadsheetml_data(cell: Cell) -> str:
    match cell.value:
        case date() as day:
            return f'<Data ss:Type="DateTime">{day.isoformat()}T00:00:00.000</Data>'
        case int() | Decimal() as number:
            return f'<Data ss:Type="Number">{number}</Data>'
    return f'<Data ss:Type="String">{escape(str(cell.value))}</Data>'


_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'office:version="1.2"><office:body><office:spreadsheet>'
)
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" '
    'manifest:media-type="text/xml"/></manifest:manifest>'
)


def _ods(grids: list[Grid]) -> bytes:
    parts = [_ODS_HEAD]
    for grid in grids:
        spans, covered = _spans(grid)
        parts.append(f"<table:table table:name={quoteattr(grid.name)}>")
        for row in range(1, grid.last + 1):
            parts.append("<table:table-row>")
            for column in range(1, grid.width + 1):
                if (row, column) in covered:
                    parts.append("<table:covered-table-cell/>")
                    continue
                rows, columns = spans.get((row, column), (1, 1))
                size = (
                    f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
                    if (rows, columns) != (1, 1)
                    else ""
                )
                parts.append(_ods_cell(grid.cells.get((row, column)), size))
            parts.append("</table:table-row>")
        parts.append("</table:table>")
    parts.append("</office:spreadsheet></office:body></office:document-content>")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", _ODS_MANIFEST),
            ("content.xml", "".join(parts)),
        ):
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _WHEN.timetuple()[:6]), content, stored)
    return stream.getvalue()


def _ods_cell(cell: Cell | None, size: str) -> str:
    if cell is None:
        return f"<table:table-cell{size}/>"
    match cell.value:
        case date() as day:
            kind = f'office:value-type="date" office:date-value="{day.isoformat()}"'
        case int() | Decimal() as number:
            kind = f'office:value-type="float" office:value="{number}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}{size}><text:p>{escape(cell.shown())}</text:p></table:table-cell>"
