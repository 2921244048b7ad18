"""How a true value gets into a cell: the spellings, forms and units that clerks use.

Only forms that a reader must understand are made here. Forms that must *fail* are planted row by
row (`Raw`), where the truth knows the expected issue. Each function is total and deterministic.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, ColumnType
from flows.sample.model import Raw, Span, Style, Value
from flows.sample.workbook import Cell

FULL_WIDTH = str.maketrans("0123456789.-/%", "０１２３４５６７８９．－／％")
_HANZI = "〇一二三四五六七八九"
MONEY_FACTOR = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}


def hanzi_number(n: int) -> str:
    """1–99 in Chinese: 10 → 十, 21 → 二十一."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _HANZI[tens] + "十"
    return head + (_HANZI[ones] if ones or not head else "")


def write_date(value: date, form: int) -> str:
    """A day in one of the written forms."""
    y, m, d = value.year, value.month, value.day
    match form % 7:
        case 0:
            return f"{y}-{m:02d}-{d:02d}"
        case 1:
            return f"{y}/{m}/{d}"
        case 2:
            return f"{y}.{m}.{d}"
        case 3:
            return f"{y}年{m}月{d}日"
        case 4:
            return f"{y}.{m:02d}.{d:02d}"
        case 5:
            return f"{y}-{m}-{d}".translate(FULL_WIDTH)
        case _:
            year = "".join(_HANZI[int(c)] for c in str(y))
            return f"{year}年{hanzi_number(m)}月{hanzi_number(d)}日"


def write_span(value: Span, form: int) -> str:
    """A span of days as a competition or a class is written."""
    a, b = value.first, value.last
    if a == b:
        return write_date(a, form % 5)
    if a.day == 1 and b == last_of_month(a):
        return f"{a.year}年{a.month}月" if form % 2 else f"{a.year}-{a.month:02d}"
    if form % 2:
        return f"{a.year}.{a.month}.{a.day}-{b.year}.{b.month}.{b.day}"
    return f"{a.year}年{a.month}月{a.day}日至{b.year}年{b.month}月{b.day}日"


def last_of_month(day: date) -> date:
    """The last day of a day's month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def plain_number(value: Decimal | int) -> str:
    """A number without exponent or needless zeros: 3.40 → 3.4."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_money(value: Decimal | int, style: Style) -> str:
    """An amount in the unit of the table: scaled exactly, never rounded."""
    amount = Decimal(value) / MONEY_FACTOR[style.money_unit]
    if style.money_unit == "元" and style.money_form == 1:
        return f"{amount:,.2f}"
    if style.money_unit == "元" and style.money_form == 2:
        return f"￥{amount:,.2f}"
    if style.money_unit == "元" and style.money_form == 3 and amount and amount % 1_000 == 0:
        return f"{plain_number(amount / 10_000)}万元"
    return plain_number(amount)


def write_code(column: Column, code: str, choice: int) -> str:
    """A code as its label or one of its synonyms."""
    spellings = _spellings(column.list or "")[code]
    return spellings[choice % len(spellings)]


@cache
def _spellings(name: str) -> dict[str, tuple[str, ...]]:
    return {e.code: (e.label, e.label, *e.synonyms) for e in code_lists()[name]}


def header(column: Column, style: Style) -> str:
    """The header cell of a column: a spelling, a unit, an asterisk, blanks inside."""
    text = column.header[style.header_choice % len(column.header)]
    if style.plain:
        return text
    if style.blank_in_header and len(text) == 2:
        text = f"{text[0]}　{text[1]}"
    if style.star and column.required:
        text = f"{style.star}{text}" if style.header_choice % 2 else f"{text}{style.star}"
    if column.type is ColumnType.MONEY and style.unit_in_header:
        bracket = "（{}）" if style.header_choice % 2 else "({})"
        text += bracket.format(style.money_unit)
    return text


def cell(column: Column, value: Value, style: Style, number: int) -> Cell:
    """The written cell of a value. `number` is the row's, for what varies within a sheet."""
    if value is None:
        return None
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, Span):
        return write_span(value, style.date_form)
    if isinstance(value, bool):
        yes = "是" if style.plain or style.date_form % 2 == 0 else "√"
        return yes if value else "否"
    if isinstance(value, date):
        return value if style.typed else write_date(value, style.date_form)
    if isinstance(value, str):
        return _text(column, value, style, number)
    if style.typed and column.type is not ColumnType.PCT:
        factor = MONEY_FACTOR[style.money_unit] if column.type is ColumnType.MONEY else 1
        return Decimal(plain_number(Decimal(value) / factor))
    if column.type is ColumnType.MONEY:
        return write_money(value, style)
    text = plain_number(value)
    if column.type is ColumnType.PCT:
        return text + "%"
    return text.translate(FULL_WIDTH) if style.full_width and number % 3 == 0 else text


def _text(column: Column, text: str, style: Style, number: int) -> str:
    if column.type is ColumnType.CODE:
        return write_code(column, text, style.header_choice + number % 2)
    if column.type is not ColumnType.CITIZEN_ID or style.plain:
        return text
    if number % 17 == 3:
        return text.translate(FULL_WIDTH)
    return text.lower() if number % 5 == 2 else text
