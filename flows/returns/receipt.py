"""`回执.xlsx`: what a unit sent and nothing is open with: delivery, hash, time, rows counted per kind and period.

A district sees that its file arrived and what counts of it. Each line is of the edition that was published last; a file
with something to put right goes back itself and has no line until it is answered.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from flows.contract.text import legal_text
from flows.warehouse.delivery_findings import SoundTable

FILE = "回执.xlsx"
_COLUMNS = (
    ("报送编号", 9),
    ("文件", 36),
    ("收到时间", 17),
    ("报表", 26),
    ("工作表", 16),
    ("所属期", 24),
    ("采用行数", 10),
    ("状态", 20),
    ("文件指纹（SHA-256）", 34),
)
#: The same lines give the same bytes, whenever they are written.
_MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 (a document property has no zone)


def receipt(unit: str, tables: Sequence[SoundTable]) -> bytes:
    """The workbook of one unit, a line for each table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE_ON, "title": f"{unit}回执"})
        text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "border": 1})
        count = book.add_format({"valign": "top", "num_format": "#,##0", "border": 1})
        head = book.add_format({"bold": True, "bg_color": "#E4E7EB", "border": 1})
        sheet = book.add_worksheet("回执")
        sheet.write_string(
            0, 0, f"{unit}：已收到、没有待处理问题的报送", book.add_format({"bold": True, "font_size": 14})
        )
        sheet.write_string(
            1, 0, "有问题的文件另行退回，改正报回后列入本表。文件指纹可用来核对是不是同一个文件。"
        )
        for place, (title, width) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
            sheet.write_string(3, place, title, head)
        for row, table in enumerate(tables, 4):
            period = f"{table.covers_from}至{table.covers_to}" if table.covers_from else "看不出"
            cells = (
                f"第{table.delivery_id}号",
                table.name,
                f"{table.received_at:%Y-%m-%d %H:%M}",
                table.label,
                table.sheet,
                period,
                None,
                table.state,
                table.sha256,
            )
            for place, cell in enumerate(cells):
                if cell is not None:
                    sheet.write_string(row, place, legal_text(cell), text)
            sheet.write_number(row, 6, table.rows_accepted, count)
        sheet.freeze_panes(4, 0)
        sheet.repeat_rows(3)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
    return out.getvalue()
