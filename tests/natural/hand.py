"""How a clerk types a value: the same truth looks different in every column.

A cell is (what Excel stores, its number format); where a file has no types only the look is kept.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.natural.spec import Column
from tests.natural.values import Row

_DAYS = {
    "dotted": "{0.year}.{0.month}.{0.day}",
    "cn": "{0.year}年{0.month}月{0.day}日",
    "iso": "{0:%Y-%m-%d}",
    "slash": "{0.year}/{0.month}/{0.day}",
    "md": "{0.month}月{0.day}日",
    "md.": "{0.month}.{0.day}",
    "compact": "{0:%Y%m%d}",
    "ym": "{0.year}年{0.month}月",
    "ym.": "{0:%Y.%m}",
    "m": "{0.month}月",
}
# These say the month only: a careful reader knows no day.
MONTHS_ONLY = ("ym", "ym.", "m")


@dataclass(frozen=True)
class Cell:
    """A cell as stored: ``value`` None, text, int, Decimal or date; ``look`` an Excel number format."""

    value: Any
    look: str = "General"

    def shown(self) -> str:
        match self.value:
            case None:
                return ""
            case date() as day:
                return f"{day.year}/{day.month}/{day.day}" if self.look == "yyyy/m/d" else f"{day:%Y-%m-%d}"
            case int() | Decimal() as number:
                return (
                    f"{number:,.2f}"
                    if self.look == "#,##0.00"
                    else f"{number:,}"
                    if self.look == "#,##0"
                    else _digits(number)
                )
        return str(self.value)


def _digits(number: int | Decimal) -> str:
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write(column: Column, row: Row) -> Cell:
    """The cell of one row in one column."""
    key = column.means or column.head
    if column.source == "both":
        names, joint = column.argument[:-1], column.argument[-1]
        return Cell(joint.format(*(_text(row[name], column.style) for name in names)))
    if f"{key}/typed" in row:
        return Cell(row[f"{key}/typed"] or None)
    if row[key] is None:
        return Cell(None)
    return _styled(row.get(f"{key}/word", row[key]), column.style)


def _styled(value: Any, style: str | None) -> Cell:
    if isinstance(value, date):
        return (
            Cell(value, "yyyy/m/d" if style == "excel/" else "yyyy-mm-dd")
            if style in (None, "excel", "excel/")
            else Cell(_text(value, style))
        )
    if isinstance(value, int | Decimal):
        match style:
            case "thousands":
                return Cell(f"{value:,.2f}")
            case "format":
                return Cell(value, "#,##0.00")
            case "grouped":
                return Cell(value, "#,##0")
            case "万":
                return Cell(Decimal(value) / 10000)
            case "text":
                return Cell(_digits(value))
            case None | "number":
                return Cell(value)
        return Cell(_text(value, style))
    if style == "as number" and str(value)[:-1].isdigit():
        # Excel keeps fifteen digits of a number: the last three of an ID typed as one are lost.
        return Cell(int(str(value).replace("X", "0")[:15] + "000"), "0")
    if style == "masked":
        return Cell(f"{value[:6]}********{value[-4:]}")
    if style == "spaced" and len(value) == 2:
        return Cell(f"{value[0]}  {value[1]}")
    return Cell(str(value))


def _text(value: Any, style: str | None) -> str:
    if isinstance(value, date):
        return _DAYS[style or "iso"].format(value)
    if isinstance(value, int | Decimal):
        if style == "万元":
            return f"{_digits(Decimal(value) / 10000)}万元"
        return f"{_digits(value)}{style}" if style else _digits(value)
    return str(value)
