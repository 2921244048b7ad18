"""Cases as files: workbooks by two writers, text in the encodings and with the separators that occur.

What is written is told to the judge: where each row came to stand (a line break in a cell moves the lines
of a text), and how a text is to be counted.
"""

from __future__ import annotations

import csv
import io
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.messy.layout import Case, Cell, Sheet, source

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
DELIMITERS = (",", "\t", ";")
#: Forms of cells that are no number format.
_KINDS = frozenset(("", "error", "formula", "uncalculated", "rich"))
#: What gives each error, so that a program that calculates again finds the same.
_ERRORS = {
    "#N/A": "=NA()",
    "#DIV/0!": "=1/0",
    "#VALUE!": '="a"+1',
    "#NAME?": "=NOSUCHNAME",
    "#REF!": "=#REF!",
}


@dataclass(frozen=True)
class File:
    """A written case. `lines`: sheet row → line of the text; none for a workbook."""

    path: Path
    name: str
    lines: dict[int, int] | None = None
    encoding: str = ""
    delimiter: str = ""


def write(case: Case, folder: Path) -> File:
    """Write a case into a folder, as its features say."""
    path = folder / case.name
    if "csv" in case.features:
        return _text(case, path)
    if "openpyxl" in case.features:
        _openpyxl(case, path)
    else:
        _xlsxwriter(case, path)
    return File(path, case.name)


def convert(file: File, suffix: str) -> File:
    """The same workbook as LibreOffice saves it (`xls`, `ods`): seconds, so for the bench alone."""
    folder = file.path.parent / "converted"
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", suffix, "--outdir", str(folder), str(file.path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    name = Path(file.name).with_suffix(f".{suffix}").name
    return File(folder / name, name)


def _xlsxwriter(case: Case, path: Path) -> None:
    in_lines = "inline_strings" in case.features
    options = {
        "constant_memory": in_lines,
        "in_memory": not in_lines,
        "date_1904": "epoch_1904" in case.features,
    }
    book = xlsxwriter.Workbook(str(path), options)
    forms = {cell.form for sheet in case.sheets for cell in sheet.cells.values()}
    formats = {form: book.add_format({"num_format": form}) for form in forms - _KINDS}
    formats["rich"], formats["blank"] = (
        book.add_format({"bold": True}),
        book.add_format({"bg_color": "#EEEEEE"}),
    )
    for sheet in case.sheets:
        page = book.add_worksheet(sheet.name)
        if sheet.is_hidden:
            page.hide()
        for row in sorted(sheet.hidden_rows):
            if not in_lines:
                page.set_row(row - 1, None, None, {"hidden": True})
        for column in sheet.hidden_columns:
            page.set_column(column - 1, column - 1, None, None, {"hidden": True})
        for row, column in sorted(sheet.cells):
            if in_lines and row in sheet.hidden_rows:
                page.set_row(row - 1, None, None, {"hidden": True})
            _put(page, row - 1, column - 1, sheet.cells[row, column], formats)
        if "formatted_blanks" in case.features:
            for row, column in _beyond(sheet):
                page.write_blank(row - 1, column - 1, None, formats["blank"])
        for top, left, bottom, right in sheet.merges:
            # Not merge_range: it would write the cell again, out of order.
            page.merge.append([top - 1, left - 1, bottom - 1, right - 1])
    book.close()


def _put(page, row: int, column: int, cell: Cell, formats) -> None:  # type: ignore[no-untyped-def]
    written = cell.written
    if cell.form == "error":
        page.write_formula(row, column, _ERRORS[str(written)], None, written)
    elif cell.form == "formula":
        page.write_formula(row, column, cell.formula, None, written)
    elif cell.form == "rich":
        page.write_rich_string(row, column, written[:1], formats["rich"], written[1:2], written[2:])
    elif isinstance(written, datetime):
        page.write_datetime(row, column, written, formats[cell.form])
    elif isinstance(written, bool):
        page.write_boolean(row, column, written)
    elif isinstance(written, str):
        page.write_string(row, column, written)
    else:
        page.write_number(row, column, written, formats.get(cell.form))


def _openpyxl(case: Case, path: Path) -> None:
    book = openpyxl.Workbook()
    if "epoch_1904" in case.features:
        book.epoch = CALENDAR_MAC_1904
    book.remove(book.active)
    for sheet in case.sheets:
        page = book.create_sheet(sheet.name)
        page.sheet_state = "hidden" if sheet.is_hidden else "visible"
        for (row, column), cell in sheet.cells.items():
            written = cell.written
            if cell.form == "rich":
                written = CellRichText(written[:1], TextBlock(InlineFont(b=True), written[1:2]), written[2:])
            target = page.cell(row, column, written)
            if cell.form and cell.form not in _KINDS:
                target.number_format = cell.form
        if "formatted_blanks" in case.features:
            for row, column in _beyond(sheet):
                page.cell(row, column).fill = PatternFill("solid", "EEEEEE")
        for top, left, bottom, right in sheet.merges:
            page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for row in sheet.hidden_rows:
            page.row_dimensions[row].hidden = True
        for column in sheet.hidden_columns:
            page.column_dimensions[openpyxl.utils.get_column_letter(column)].hidden = True
    book.save(path)


def _beyond(sheet: Sheet) -> list[tuple[int, int]]:
    """Cells below and right of everything, as a form is filled with colour beyond its end."""
    last, width = max(row for row, _ in sheet.cells), max(column for _, column in sheet.cells)
    return [(row, column) for row in range(last + 1, last + 30) for column in range(1, width + 4)]


def _text(case: Case, path: Path) -> File:
    rng = source(case.seed, "csv")
    encoding, delimiter = rng.choice(ENCODINGS), rng.choice(DELIMITERS)
    end, quoting = rng.choice(("\r\n", "\n")), rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    (sheet,) = case.sheets
    stream, lines, line = io.StringIO(), {}, 1
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    width = max(column for _, column in sheet.cells)
    for row in range(1, max(row for row, _ in sheet.cells) + 1):
        texts = [_as_text(sheet, row, column) for column in range(1, width + 1)]
        if "trimmed_lines" in case.features and not _is_of_table(sheet, row):
            texts = texts[: max((i + 1 for i, text in enumerate(texts) if text), default=1)]
        lines[row] = line
        writer.writerow(texts)
        line += 1 + sum(text.count("\n") for text in texts)
    path.write_bytes(stream.getvalue().encode(encoding))
    return File(path, case.name, lines, encoding, delimiter)


def _as_text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cells.get((row, column))
    if cell is None:
        return ""
    return cell.written if isinstance(cell.written, str) else cell.text


def _is_of_table(sheet: Sheet, row: int) -> bool:
    kinds = {kind for (at, _), kind in sheet.kinds.items() if at == row}
    return bool(kinds - {"title", "note", "explanation", "group"})
