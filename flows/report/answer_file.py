"""The answer to a question as a file: a workbook for people, Parquet for programs, no digit lost in either.

A spreadsheet keeps fifteen digits of a number: a decimal with more goes into it as a text. What a sheet cannot hold, too many rows or
too long a text, is refused and not cut.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from flows.contract.text import legal_text
from flows.language import _
from flows.report.terminal import text

_MOST_ROWS, _MOST_CHARACTERS = 1_048_576, 32_767


class DoesNotFit(ValueError):
    """An answer that no sheet can hold."""


def parquet(rows: pa.Table) -> bytes:
    """An answer as Parquet."""
    out = io.BytesIO()
    pq.write_table(rows, out)
    return out.getvalue()


def workbook(names: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """An answer as a workbook of one sheet, its first row the names; frozen and filtered.

    Raises `DoesNotFit` for more rows or a longer text than a sheet can hold.
    """
    if len(rows) >= _MOST_ROWS:
        raise DoesNotFit(
            _("{rows:,} rows do not fit into a sheet: narrow the question, or use --parquet", rows=len(rows))
        )
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        day, moment = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        bold = book.add_format({"bold": True})
        for at, name in enumerate(names):
            sheet.write_string(0, at, legal_text(name), bold)
        for row, values in enumerate(rows, 1):
            for at, value in enumerate(values):
                if isinstance(value, bool):
                    sheet.write_boolean(row, at, value)
                elif isinstance(value, int | float | Decimal) and _is_kept(value):
                    sheet.write_number(row, at, value)
                elif (
                    isinstance(value, date) and value.year >= 1900 and getattr(value, "tzinfo", None) is None
                ):
                    sheet.write_datetime(row, at, value, moment if isinstance(value, datetime) else day)
                elif value is not None:
                    sheet.write_string(row, at, _fitting(text(value), row + 1, names[at]))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), max(len(names) - 1, 0))
    return out.getvalue()


def _is_kept(value: float | Decimal) -> bool:
    """Whether a spreadsheet, which shows fifteen digits, has all of a number."""
    exact = Decimal(value) if isinstance(value, int) else value
    return not isinstance(exact, Decimal) or len(exact.normalize().as_tuple().digits) <= 15


def _fitting(written: str, row: int, name: str) -> str:
    if len(written) > _MOST_CHARACTERS:
        raise DoesNotFit(
            _(
                "row {row}, {name}: {count:,} characters do not fit into a cell: use --parquet",
                row=row,
                name=name,
                count=len(written),
            )
        )
    return legal_text(written)
