"""Lay a table out as a sheet and write deliveries as files; count what is written on the way.

The numbers follow the reader's definitions: rows read are the non-blank rows below the header,
and of these, subtotals, notes, footers and repeated headers are ignored by rule.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from flows.contract.record import Column, ColumnType
from flows.sample import mess
from flows.sample.model import Delivery, Row, Table
from flows.sample.workbook import Cell, write_workbook

NOTICE = "样例数据，人员均为虚构"


def columns_of(table: Table) -> list[Column]:
    """The columns a table writes: required ones, those it is known by, those with any value."""
    record = table.record
    if table.columns:
        return [record.columns[name] for name in table.columns]
    used = {name for row in table.rows for name, value in row.values.items() if value is not None}
    used |= {c.name for c in record.read_columns if c.required} | set(record.recognise.columns)
    chosen = [c for c in record.read_columns if c.name in used]
    return chosen if table.rows else list(record.read_columns)


def layout(table: Table) -> list[list[Cell]]:
    """The rows of the sheet, top to bottom; fills `table.numbers` and `table.rejected`."""
    style, columns = table.style, columns_of(table)
    lead: list[Cell] = ["序号"] if style.serial else []
    money = [c for c in columns if c.type is ColumnType.MONEY]
    sheet: list[list[Cell]] = []
    if style.title:
        sheet.append([table.title])
        note: list[Cell] = [NOTICE]
        if money and not style.unit_in_header:
            note += [None] * max(0, len(columns) - 2) + [f"单位：{style.money_unit}"]
        sheet.append(note)
    header: list[Cell] = [*lead, *(mess.header(c, style) for c in columns)]
    if table.extra_header:
        header.append(table.extra_header)
    sheet.append(header)
    for number, row in enumerate(table.rows, 1):
        cells: list[Cell] = [str(number)] if style.serial else []
        cells += [mess.cell(c, row.values.get(c.name), style, number) for c in columns]
        if table.extra_header:
            cells.append("甲")
        sheet.append(cells)
    ignored = _close(sheet, table, columns, len(lead))
    _count(table, ignored, above=3 if style.title else 1)
    return sheet


def _close(sheet: list[list[Cell]], table: Table, columns: list[Column], lead: int) -> int:
    """Append subtotal, blank line and footers; how many of them are not blank."""
    style, ignored = table.style, 0
    if style.subtotal and table.rows and lead:
        total: list[Cell] = ["合计", *(_total(c, table.rows, table) for c in columns)]
        sheet.append(total)
        ignored += 1
    if style.footer:
        sheet.append([])
        sheet.append(["填表人：样例　　审核人：样例"])
        sheet.append([f"注：{NOTICE}。"])
        ignored += 2
    return ignored


def _total(column: Column, rows: Iterable[Row], table: Table) -> Cell:
    if column.type not in (ColumnType.MONEY, ColumnType.COUNT):
        return None
    values = [row.values.get(column.name) for row in rows]
    numbers = [Decimal(v) for v in values if isinstance(v, int | Decimal) and not isinstance(v, bool)]
    return mess.cell(column, sum(numbers, Decimal(0)), table.style, 1)


def _count(table: Table, ignored: int, above: int) -> None:
    states = [row.state for row in table.rows]
    table.numbers = {
        "rows_read": len(states) + ignored,
        "accepted": states.count("accepted"),
        "rejected": states.count("rejected"),
        "duplicate": states.count("duplicate"),
        "ignored": ignored,
    }
    table.rejected = [
        (above + n, row.issues) for n, row in enumerate(table.rows, 1) if row.state == "rejected"
    ]
    table.warned = [
        (above + n, row.issues)
        for n, row in enumerate(table.rows, 1)
        if row.issues and row.state != "rejected"
    ]


def csv_bytes(sheet: list[list[Cell]], encoding: str) -> bytes:
    """A sheet as CSV with CRLF line ends, as a spreadsheet program saves it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in sheet:
        if row:
            writer.writerow(["" if c is None else c for c in row])
        else:
            stream.write("\r\n")
    return stream.getvalue().encode(encoding)


def write(target: Path, delivery: Delivery) -> int:
    """Write one delivery below `target`; the number of its data rows."""
    path = target / delivery.received.isoformat() / delivery.folder / delivery.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if delivery.content is not None:
        path.write_bytes(delivery.content)
        return sum(len(t.rows) for t in delivery.tables)
    if delivery.bulk is not None:
        with path.open("wb") as stream:
            stream.writelines(delivery.bulk)
        return sum(t.numbers["rows_read"] - t.numbers["ignored"] for t in delivery.tables)
    sheets = [(table.sheet, layout(table)) for table in delivery.tables]
    if path.suffix == ".xlsx":
        write_workbook(path, sheets)
    else:
        path.write_bytes(csv_bytes(sheets[0][1], delivery.encoding))
    return sum(len(table.rows) for table in delivery.tables)
