"""How a true value gets into a cell: the spellings, forms and units that clerks use.

Only forms that a reader must understand are made here. Forms that must *fail* are planted row by
row (`Verbatim`), where the truth knows the expected issue. Each function is total and deterministic.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, ColumnType
from flows.sample.cell_forms import last_of_month
from flows.sample.intent import ClerkStyle, DaySpan, Value, Verbatim

Cell = str | int | float | Decimal | date | None

FULL_WIDTH = str.maketrans("0123456789.-/%", "０１２３４５６７８９．－／％")
MONEY_FACTOR = {"元": 1, "万元": 10_000}
_HANZI = "〇一二三四五六七八九"
_YEAR = str.maketrans("0123456789", _HANZI)


def hanzi_number(n: int) -> str:
    """1–99 in Chinese: 10 → 十, 21 → 二十一."""
    tens, ones = divmod(n, 10)
    return ("" if not tens else "十" if tens == 1 else _HANZI[tens] + "十") + (_HANZI[ones] if ones else "")


def write_date(value: date, form: int) -> str:
    """A day in one of the written forms."""
    y, m, d = value.year, value.month, value.day
    forms = (
        f"{y}-{m:02d}-{d:02d}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}.{m:02d}.{d:02d}",
    )
    if form < len(forms):
        return forms[form]
    if form == len(forms):
        return f"{y}-{m}-{d}".translate(FULL_WIDTH)
    return f"{str(y).translate(_YEAR)}年{hanzi_number(m)}月{hanzi_number(d)}日"


def write_span(value: DaySpan, form: int) -> str:
    """A span of days as a competition or a class is written."""
    a, b = value.first, value.last
    if a == b:
        return write_date(a, form % 5)
    if a.day == 1 and b == last_of_month(a):
        return f"{a.year}年{a.month}月" if form % 2 else f"{a.year}-{a.month:02d}"
    return f"{write_date(a, 2)}-{write_date(b, 2)}" if form % 2 else f"{write_date(a, 3)}至{write_date(b, 3)}"


def plain_number(value: Decimal | int) -> str:
    """A number without exponent or needless zeros: 3.40 → 3.4."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_money(value: Decimal | int, style: ClerkStyle) -> str:
    """An amount in the unit of the table: scaled exactly, never rounded."""
    amount = Decimal(value) / MONEY_FACTOR[style.money_unit]
    if style.money_unit != "元" or style.money_form == 0:
        return plain_number(amount)
    if style.money_form < 3:
        return f"{'￥' if style.money_form == 2 else ''}{amount:,.2f}"
    return f"{plain_number(amount / 10_000)}万元" if amount and not amount % 1_000 else plain_number(amount)


@cache
def _spellings(name: str) -> dict[str, tuple[str, ...]]:
    return {e.code: (e.label, e.label, *e.synonyms) for e in code_lists()[name]}


def write_header(column: Column, style: ClerkStyle) -> str:
    """The header cell of a column: a spelling, a unit, an asterisk, blanks inside."""
    text = column.header[style.header_choice % len(column.header)]
    if style.blank_in_header and len(text) == 2:
        text = f"{text[0]}　{text[1]}"
    if style.star and column.required:
        text = f"{style.star}{text}" if style.header_choice % 2 else f"{text}{style.star}"
    if column.type is ColumnType.MONEY and style.unit_in_header:
        text += f"（{style.money_unit}）" if style.header_choice % 2 else f"({style.money_unit})"
    return text


def write_cell(column: Column, value: Value, style: ClerkStyle, number: int) -> Cell:
    """The written cell of a value. `number` is the row's, for what varies within a sheet."""
    if value is None:
        return None
    if isinstance(value, str):
        return _text(column, value, style, number)
    if isinstance(value, Verbatim):
        return value.text
    if isinstance(value, DaySpan):
        return write_span(value, style.date_form)
    if isinstance(value, bool):
        return "否" if not value else "√" if style.date_form % 2 else "是"
    if isinstance(value, date):
        return value if style.typed else write_date(value, style.date_form)
    if column.type is ColumnType.PCT:
        return plain_number(value) + "%"
    if style.typed:
        factor = MONEY_FACTOR[style.money_unit] if column.type is ColumnType.MONEY else 1
        return Decimal(plain_number(Decimal(value) / factor))
    if column.type is ColumnType.MONEY:
        return write_money(value, style)
    text = plain_number(value)
    return text.translate(FULL_WIDTH) if style.full_width and number % 3 == 0 else text


def _text(column: Column, text: str, style: ClerkStyle, number: int) -> str:
    if column.type is ColumnType.CODE:
        spellings = _spellings(column.list or "")[text]
        return spellings[(style.header_choice + number % 2) % len(spellings)]
    if column.type is not ColumnType.CITIZEN_ID:
        return text
    if number % 17 == 3:
        return text.translate(FULL_WIDTH)
    return text.lower() if number % 5 == 2 else text
