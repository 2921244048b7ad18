"""The set itself: its files are always the same bytes, and their truth is what their cells say.

The cells are read back with plain libraries and counted anew, without the code that laid them out; only what a header
or a code word means is taken from the description, for that is what the set claims to know.
"""

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
import xlrd
import yaml
from openpyxl import load_workbook

from tests.natural import spec
from tests.natural.layout import lay_out
from tests.natural.spec import Column, NaturalFile, Table
from tests.natural.truth import count, plain
from tests.natural.values import canonical
from tests.natural.write import write

FILES = spec.load()
SECOND = spec.load_second()
_SUMS = ("合计", "总计", "小计")


def content(file: NaturalFile) -> bytes:
    return write(lay_out(file)[0], file.format, file.encoding)


def test_sizes() -> None:
    tables = [table for file in FILES for _, table in file.tables]
    assert len(FILES) >= 60 and [file.number for file in FILES] == list(range(1, len(FILES) + 1))
    assert len(tables) >= 85 and sum(table.rows for table in tables) >= 1000
    assert sum(len(table.quantities) for table in tables) >= 170
    assert len({table.kind for table in tables}) == 27
    assert len({file.unit for file in FILES}) >= 12


def test_sizes_of_the_second_set() -> None:
    tables = [table for file in SECOND for _, table in file.tables]
    assert [file.number for file in SECOND] == list(range(201, 241))
    assert len(tables) >= 55 and sum(table.rows for table in tables) >= 700
    assert sum(len(table.quantities) for table in tables) >= 150
    assert {table.kind for table in tables} == {table.kind for file in FILES for _, table in file.tables}
    assert {file.unit for file in SECOND} == {file.unit for file in FILES}


def test_every_third_file_is_kept_back() -> None:
    assert {file.number for file in spec.load(kept_back=True)} == {
        file.number for file in FILES if file.kept_back
    }
    assert not any(file.kept_back for file in spec.load(kept_back=False))


@pytest.mark.parametrize("files", [FILES, SECOND], ids=["first", "second"])
def test_a_kind_comes_from_one_file_per_unit_and_period(files: list[NaturalFile]) -> None:
    """So that a unit's figure can be laid at the door of one file."""
    slots = Counter(
        (file.unit, table.kind) for file in files for table in {t.kind: t for _, t in file.tables}.values()
    )
    assert {slot for slot, files in slots.items() if files > 1} == set()


def test_words_have_a_source() -> None:
    sources = yaml.safe_load((spec.FOLDER / "source" / "words.yml").read_text("utf-8"))
    for file in FILES + SECOND:
        assert set(file.seen.values()) <= set(sources), file.name
        text = plain("".join("".join(row) for grid in lay_out(file)[0] for row in grid.shown()))
        assert [word for word in file.seen if plain(word) not in text] == [], file.name


@pytest.mark.parametrize("file", FILES + SECOND, ids=lambda file: str(file.number))
def test_truth_is_what_the_cells_say(file: NaturalFile) -> None:
    assert content(file) == content(file)
    _, truths = lay_out(file)
    sheets = dict(read(file))
    starts = dict.fromkeys(sheets, 0)
    for truth in truths:
        name = truth.sheet.name if truth.sheet.name in sheets else next(iter(sheets))
        rows, starts[name] = recount(sheets[name], truth.table, starts[name])
        assert len(rows) == len(truth.rows) == truth.table.rows
        for quantity in truth.table.quantities:
            assert quantity.value is not None, quantity.name
            assert count(quantity, truth.rows) == Decimal(quantity.value), quantity.name
            assert count(quantity, rows) == Decimal(quantity.value), quantity.name


def read(file: NaturalFile) -> list[tuple[str, list[list[Any]]]]:
    """The sheets of the written file with their cells, by libraries that know nothing of the set."""
    data = content(file)
    match file.format:
        case "xlsx":
            book = load_workbook(io.BytesIO(data))
            return [
                (sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)])
                for sheet in book.worksheets
            ]
        case "xls":
            old = xlrd.open_workbook(file_contents=data)
            return [
                (sheet.name, [[_of_old_excel(cell) for cell in row] for row in sheet.get_rows()])
                for sheet in old.sheets()
            ]
        case "csv" | "tsv" | "txt":
            lines = csv.reader(
                io.StringIO(data.decode(file.encoding)), delimiter="," if file.format == "csv" else "\t"
            )
            return [("", list(lines))]
        case "html":
            parser = _Tables()
            parser.feed(data.decode(file.encoding))
            return [("", parser.rows)]
        case "spreadsheetml":
            return _spreadsheetml(data)
        case "ods":
            return _ods(data)
    raise AssertionError(file.format)


def _of_old_excel(cell: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, 0)
    return None if cell.ctype == xlrd.XL_CELL_EMPTY else cell.value


class _Tables(HTMLParser):
    """Rows of all tables one below another; a spanned cell has its text in the first place."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[Any]] = []
        self._below: dict[int, int] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            self._skip()
        elif tag == "td":
            spans = {name: int(value or 1) for name, value in attrs if name.endswith("span")}
            place = len(self.rows[-1])
            for column in range(place, place + spans.get("colspan", 1)):
                self._below[column] = spans.get("rowspan", 1) - 1
            self.rows[-1] += [""] * spans.get("colspan", 1)
            self._place, self._inside = place, True

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][self._place] += data.replace("\xa0", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._inside = False
            self._skip()

    def _skip(self) -> None:
        while self._below.get(len(self.rows[-1]), 0):
            self._below[len(self.rows[-1])] -= 1
            self.rows[-1].append("")


def _spreadsheetml(data: bytes) -> list[tuple[str, list[list[Any]]]]:
    mark = "{urn:schemas-microsoft-com:office:spreadsheet}"
    sheets = []
    for sheet in ElementTree.XML(data).iter(f"{mark}Worksheet"):
        cells: dict[tuple[int, int], Any] = {}
        for row in sheet.iter(f"{mark}Row"):
            for cell in row.iter(f"{mark}Cell"):
                value = cell.find(f"{mark}Data")
                text: Any = value.text if value is not None else None
                if value is not None and value.get(f"{mark}Type") == "DateTime":
                    text = datetime.fromisoformat(str(text)[:10])
                cells[int(row.get(f"{mark}Index", 0)), int(cell.get(f"{mark}Index", 0))] = text
        sheets.append((sheet.get(f"{mark}Name", ""), _filled(cells)))
    return sheets


def _filled(cells: dict[tuple[int, int], Any]) -> list[list[Any]]:
    height, width = max(row for row, _ in cells), max(column for _, column in cells)
    return [[cells.get((row, column)) for column in range(1, width + 1)] for row in range(1, height + 1)]


def _ods(data: bytes) -> list[tuple[str, list[list[Any]]]]:
    mark = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    root = ElementTree.XML(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"))
    return [
        (
            sheet.get(f"{mark}name", ""),
            [
                ["".join(cell.itertext()) for cell in row if cell.tag.startswith(mark)]
                for row in sheet.iter(f"{mark}table-row")
            ],
        )
        for sheet in root.iter(f"{mark}table")
    ]


def recount(cells: list[list[Any]], table: Table, start: int) -> tuple[list[dict[str, Any]], int]:
    """The rows of a table by its cells, and the place below it."""
    columns = [column for column in table.columns if column.written]
    top, left, depth = _header(cells, columns, start)
    unit_line = plain(" ".join(str(cell) for line in cells[start:top] for cell in line if cell))
    rows: list[dict[str, Any]] = []
    place = top + depth
    for place in range(top + depth, len(cells)):
        texts = [
            cells[place][left + offset] if left + offset < len(cells[place]) else None
            for offset in range(len(columns))
        ]
        filled = [text for text in texts if text not in (None, "")]
        label = plain(str(texts[0]))
        if label in _SUMS:
            if rows and label != table.subtotal:
                break
            continue
        if len(filled) < 2:
            if filled and rows and not table.sections:
                break
            continue
        row = {
            column.means or column.head: _value(column, text, table, unit_line)
            for column, text in zip(columns, texts, strict=True)
        }
        rows.append(row | table.facts)
    return rows, place


def _header(cells: list[list[Any]], columns: list[Column], start: int) -> tuple[int, int, int]:
    depth = max(len(column.lines) for column in columns)
    wanted = [plain(column.lines[-1]) for column in columns]
    for top in range(start, len(cells)):
        for left in range(2):
            lines = [[plain(str(cell or "")) for cell in line[left:]] for line in cells[top : top + depth]]
            if all(
                any(text in line[offset : offset + 1] for line in lines) for offset, text in enumerate(wanted)
            ):
                return top, left, depth
    raise AssertionError(f"no header {wanted}")


def _value(column: Column, cell: Any, table: Table, unit_line: str) -> Any:
    if cell is None or str(cell).strip() in ("", "—", "/", "无", "待业"):
        return None
    if isinstance(cell, str):
        cell = cell.translate(str.maketrans("（）：，", "():,"))
    if column.source == "pick":
        return canonical(column.argument, str(cell))
    if column.source in ("list", "text"):
        meanings = dict(str(word).split("=") for word in column.argument if "=" in str(word))
        if str(cell) in meanings:
            return meanings[str(cell)]
    if column.source in ("date", "after"):
        return _day(cell, table.covers[:4])
    if (
        column.source in ("int", "money", "share", "upto", "calc", "list", "text")
        and (amount := _amount(str(cell))) is not None
    ):
        in_tens_of_thousands = "万元" in plain(column.head) or "单位:万元" in unit_line
        return amount * 10000 if in_tens_of_thousands and "万" not in str(cell) else amount
    return cell


def _amount(text: str) -> Decimal | None:
    match = re.fullmatch(r"([\d,.]+)(万?)[人元户册家个天份]?", text.strip())
    return Decimal(match[1].replace(",", "")) * (10000 if match[2] else 1) if match else None


def _day(cell: Any, year: str) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    numbers = [int(number) for number in re.findall(r"\d+", str(cell))]
    if len(numbers) == 2 and numbers[0] > 1900:
        return date(numbers[0], numbers[1], 1)
    if len(numbers) == 2:
        return date(int(year), *numbers)
    return date(numbers[0], numbers[1], numbers[2])
