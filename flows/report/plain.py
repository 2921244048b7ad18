"""A workbook made of what was read: every cell as text at its own place, so that no program changes it.

For files that are no .xlsx: a district that opens a CSV in a spreadsheet loses leading zeros and the last digits
of ID numbers before it has corrected anything. Empty cells are text too, because that is where it will type.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange

from flows.read.view import View

#: The sheet of a file that has none of its own; a name that says nothing about record kind or period.
NAMELESS = "数据"
#: What a spreadsheet can hold.
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
    """An .xlsx with a sheet for each view, `names` beside them; without views a single blank sheet in front. Equal arguments
    give equal bytes.

    Merged and hidden parts stay so. A cell longer than a spreadsheet takes is cut; such a row is rejected anyway.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": created})
    text = book.add_format({"num_format": "@"})
    for view, name in zip(views, names, strict=True):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, min(view.width + 1, MOST_COLUMNS), 14, text)
        for first_row, first, last_row, last in view.structure.merges:
            with suppress(OverlappingRange):
                sheet.merge_range(first_row - 1, first - 1, last_row - 1, last - 1, "", text)
        for row, cells in sorted(view.rows.items()):
            for position, cell in enumerate(cells[:MOST_COLUMNS]):
                if cell and row <= MOST_ROWS:
                    sheet.write_string(row - 1, position, cell[:MOST_CHARACTERS], text)
        for row in view.structure.hidden_rows:
            sheet.set_row(row - 1, None, None, {"hidden": True})
        for column in view.structure.hidden_columns:
            sheet.set_column(column - 1, column - 1, None, text, {"hidden": True})
        if view.structure.is_hidden and len(views) > 1:
            sheet.hide()
    if not views:
        book.add_worksheet(names[0])
    book.close()
    return out.getvalue()
