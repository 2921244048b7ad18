"""Workbooks of the years before .xlsx (.xls, and .et that is one), BIFF 2 to 8, any code page.

xlrd reads them, as it alone keeps the kind of a cell: error, format, merge, hidden row. Where it fails calamine is
asked. What either makes of a text is looked at: a control character is a lost one, and a sheet of them is refused.
Part of the child process: standard library, numpy and the reader libraries.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import python_calamine as calamine
import xlrd
from xlrd import biffh

from flows.read.formats.number_formats import BUILT_IN, Kind, cell_text, kind_of, styled_text
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import LOST, SheetPayload, SheetStructure, pack_rows

#: Code pages that xlrd has no name for: Chinese, Japanese and Korean Macs.
_MAC = {
    10001: "shift_jis",
    10002: "big5",
    10003: "euc_kr",
    10008: "gb18030",
    936: "gb18030",
    54936: "gb18030",
}
_GARBAGE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_WIDE = re.compile("[^\t-\r -~]")


def sheets_of(stream: BinaryIO) -> Iterator[SheetPayload]:
    """The worksheets in workbook order."""
    content = stream.read()
    try:
        book = _open(content)
    except MemoryError:
        raise
    except Exception as error:  # of the library, which has no class for what it does not expect
        if isinstance(error, xlrd.XLRDError) and "encrypted" in str(error):
            raise WorkbookError("file_encrypted") from error
        yield from _second(content)
        return
    kinds = _kinds(book)
    for number, name in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(number)
        yield pack_rows(name, _legible(_cells(book, sheet, kinds)), _structure(sheet))
        book.unload_sheet(number)


def _open(content: bytes) -> Any:
    biffh.encoding_from_codepage.update(_MAC)
    more: dict[str, Any] = {"file_contents": content, "logfile": io.StringIO(), "formatting_info": True}
    more["ragged_rows"] = True  # a cell far to the right would be as many in each row
    try:
        return xlrd.open_workbook(**more)
    except xlrd.compdoc.CompDocError:
        # Sectors that two streams claim: half of the export programs write such, and no text is in them twice.
        return xlrd.open_workbook(**more, ignore_workbook_corruption=True)


def _kinds(book: Any) -> list[Kind]:
    out: list[Kind] = []
    for style in book.xf_list:
        own = book.format_map.get(style.format_key)
        # Before BIFF 5 a file numbers its formats by itself.
        known = BUILT_IN.get(style.format_key) if book.biff_version >= 50 else None
        out.append(known if known is not None else kind_of(own.format_str) if own else "")
    return out


def _cells(book: Any, sheet: Any, kinds: list[Kind]) -> Iterator[tuple[int, int, str]]:
    is_1904 = bool(book.datemode)
    for row in range(sheet.nrows):
        for column, (kind, value) in enumerate(zip(sheet.row_types(row), sheet.row_values(row), strict=True)):
            if kind == xlrd.XL_CELL_TEXT:
                yield row + 1, column + 1, value
            elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                style = sheet.cell_xf_index(row, column)
                shown = kinds[style] if style < len(kinds) else ""
                yield row + 1, column + 1, styled_text(value, shown, is_1904)
            elif kind == xlrd.XL_CELL_BOOLEAN:
                yield row + 1, column + 1, "是" if value else "否"
            elif kind == xlrd.XL_CELL_ERROR:
                yield row + 1, column + 1, xlrd.error_text_from_code.get(value, "#ERROR!")


def _structure(sheet: Any) -> SheetStructure:
    rows = [r + 1 for r, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0]
    columns = [c + 1 for c, info in sheet.colinfo_map.items() if info.hidden or info.width == 0]
    return SheetStructure(
        is_hidden=sheet.visibility != 0,
        merges=[(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells],
        hidden_rows=set(rows),
        hidden_columns=set(columns),
    )


def _legible(cells: Iterator[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The same with what is no character shown as lost; a sheet of little else has another encoding than it says."""
    wide = lost = 0
    for row, column, text in cells:
        if not text.isascii() or _GARBAGE.search(text):
            wide += len(_WIDE.findall(text))
            lost += len(_GARBAGE.findall(text))
            text = _GARBAGE.sub(LOST, text)
        yield row, column, text
    if lost > 1 and lost * 5 > wide:
        raise WorkbookError("workbook_garbled")


def _second(content: bytes) -> Iterator[SheetPayload]:
    """The second reader: no formats and no structure, and errors are blank to it."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise WorkbookError("file_encrypted") from error
    except (calamine.CalamineError, OSError) as error:
        raise WorkbookError("workbook_broken") from error
    with book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            _, left = sheet.start or (
                0,
                0,
            )  # its rows are given from the first of the sheet on, its columns are not
            cells = (
                (r + 1, left + c + 1, cell_text(value) or "")
                for r, row in enumerate(sheet.iter_rows())
                for c, value in enumerate(row)
            )
            yield pack_rows(
                meta.name, _legible(cells), SheetStructure(meta.visible != calamine.SheetVisibleEnum.Visible)
            )
