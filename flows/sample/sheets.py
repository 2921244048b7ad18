"""Lay a table out as a sheet and write files; count what is written on the way.

The numbers follow the reader's definitions: rows read are the non-blank rows below the header,
and of these, subtotals, notes, footers and repeated headers are ignored by rule.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from flows.contract.record import Column, ColumnType
from flows.sample.handwriting import Cell, write_cell, write_header
from flows.sample.intent import PlannedFile, PlannedTable

NOTICE = "样例数据，人员均为虚构"
#: Workbooks carry the day they were made; this one says the same in every run.
_MADE_ON = datetime(2016, 1, 1, tzinfo=UTC)


def columns_of(table: PlannedTable) -> list[Column]:
    """The columns a table writes: required ones, those it is known by, those with any value."""
    record = table.record
    if table.columns:
        return [record.columns[name] for name in table.columns]
    if not table.rows:
        return list(record.read_columns)
    used = {name for row in table.rows for name, value in row.values.items() if value is not None}
    used |= {c.name for c in record.read_columns if c.required} | set(record.recognise.columns)
    return [c for c in record.read_columns if c.name in used]


def layout(table: PlannedTable) -> list[list[Cell]]:
    """The rows of the sheet, top to bottom; fills `table.numbers` and `table.faulty`."""
    style, columns = table.style, columns_of(table)
    sheet: list[list[Cell]] = []
    if style.title:
        note: list[Cell] = [NOTICE]
        if not style.unit_in_header and any(c.type is ColumnType.MONEY for c in columns):
            note += [None] * max(0, len(columns) - 2) + [f"单位：{style.money_unit}"]
        sheet += [[table.title], note]
    header: list[Cell] = [*(["序号"] if style.serial else []), *(write_header(c, style) for c in columns)]
    sheet.append([*header, table.extra_header] if table.extra_header else header)
    for number, row in enumerate(table.rows, 1):
        cells: list[Cell] = [str(number)] if style.serial else []
        values = ((c, row.values.get(c.name)) for c in columns)
        cells += [None if v is None else write_cell(c, v, style, number) for c, v in values]
        sheet.append([*cells, "甲"] if table.extra_header else cells)
    end: list[list[Cell]] = []
    if style.subtotal and style.serial and table.rows:
        end.append(["合计", *(_total(c, table) for c in columns)])
    if style.footer:
        end += [[], ["填表人：样例　　审核人：样例"], [f"注：{NOTICE}。"]]
    fates = Counter[str]("accepted" if row.fate == "open" else row.fate for row in table.rows)
    table.count(**fates, ignored=sum(map(bool, end)))
    above = len(sheet) - len(table.rows)
    faulty = ("open", "rejected")
    table.faulty = [(above + n, row.issues) for n, row in enumerate(table.rows, 1) if row.fate in faulty]
    return sheet + end


def _total(column: Column, table: PlannedTable) -> Cell:
    """The sum of a column's amounts, where they can be added."""
    if column.type not in (ColumnType.MONEY, ColumnType.COUNT):
        return None
    values = [row.values.get(column.name) for row in table.rows]
    return write_cell(column, sum(Decimal(v) for v in values if isinstance(v, int | Decimal)), table.style, 1)


def write(target: Path, file: PlannedFile) -> int:
    """Write one file below `target`; the number of its data rows."""
    path = target / file.received.isoformat() / file.folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.chunks is not None:
        with path.open("wb") as stream:
            stream.writelines(file.chunks)
        return sum(t.numbers["rows_read"] - t.numbers["ignored"] for t in file.tables)
    sheets = [(table.sheet, layout(table)) for table in file.tables]
    if path.suffix == ".xlsx":
        write_workbook(path, sheets)
    else:
        with path.open("w", encoding=file.encoding, newline="") as text:
            csv.writer(text).writerows(sheets[0][1])  # with CRLF, as a spreadsheet program does
    return sum(len(table.rows) for table in file.tables)


def write_workbook(path: Path, sheets: Sequence[tuple[str, Sequence[Sequence[Cell]]]]) -> None:
    """Write sheets (name, rows of cells) to `path`; a None cell is absent."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"created": _MADE_ON})
        day = book.add_format({"num_format": 14})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for r, cells in enumerate(rows):
                for c, value in enumerate(cells):
                    if isinstance(value, str):
                        sheet.write_string(r, c, value)
                    elif isinstance(value, date):
                        sheet.write_datetime(r, c, value, day)
                    elif value is not None:
                        sheet.write_number(r, c, value)
