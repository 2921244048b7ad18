"""A workbook made of what was read: every cell as text at its own place, so that no program changes it.

For files that are no .xlsx: a district that opens a CSV in a spreadsheet loses leading zeros and the last digits
of ID numbers before it has corrected anything. Its columns are text as well, because that is where it will type.
Nothing but text, merged and hidden parts is carried over.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from flows.contract.text import legal_text
from flows.read.roundtrip.sheet_view import View

#: The sheet of a file that has none of its own; a name that says nothing about record kind or period.
NAMELESS = "数据"
#: What a spreadsheet can hold. A longer cell is cut: its row is rejected as it is.
MOST_COLUMNS, MOST_ROWS, MOST_CHARACTERS = 16_000, 1_048_576, 32_767


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
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": created})
        text = book.add_format({"num_format": "@", "font_name": "宋体"})
        for view, name in zip(views, names, strict=True):
            sheet = book.add_worksheet(name)
            _write(sheet, view, text)
            if view.structure.is_hidden:
                sheet.hide()
        if not views:  # a workbook has a sheet; the one in front says why there is nothing else
            book.add_worksheet(NAMELESS).very_hidden()
        # None of these is the sheet that opens, which would be shown even where it is hidden: the one in front will be.
        book.worksheet_meta.activesheet = max(1, len(views))
    return out.getvalue()


def _write(sheet: Any, view: View, text: Any) -> None:
    for position in range(min(view.width, MOST_COLUMNS)):
        hidden = {"hidden": position + 1 in view.structure.hidden_columns}
        sheet.set_column(position, position, 14, text, hidden)
    for row in view.structure.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    for top, first, bottom, last in view.structure.merges:
        sheet.merge_range(top - 1, first - 1, bottom - 1, last - 1, "", text)
    for row, cells in view.rows.items():
        if row <= MOST_ROWS:
            for position, cell in enumerate(cells[:MOST_COLUMNS]):
                if cell:
                    sheet.write_string(row - 1, position, legal_text(cell)[:MOST_CHARACTERS], text)
