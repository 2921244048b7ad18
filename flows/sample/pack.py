"""From rows to deliveries: which rows share a table, which tables a file, and when it arrives.

Yongchuan sends a file per kind and period. The other units send a workbook a year with a sheet per
kind, and a kind or two as CSV. A year's files arrive in the January after it; some are late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from flows.contract.record import ColumnType, Record
from flows.sample.model import Delivery, Row, Style, Table
from flows.sample.scene import Unit

ENCODINGS = ("gb18030", "utf-8-sig", "utf-8", "utf-16")
_FORMS = (0, 0, 1, 2, 3, 4, 5, 6)


def period_of(day: date, split_2015: bool) -> tuple[date, date]:
    """The covered period a day falls in: the year, and for 2015 of Yongchuan half, quarter, quarter."""
    if split_2015 and day.year == 2015:
        for first, last in HALVES_2015:
            if first <= day <= last:
                return first, last
    return date(day.year, 1, 1), date(day.year, 12, 31)


HALVES_2015 = (
    (date(2015, 1, 1), date(2015, 6, 30)),
    (date(2015, 7, 1), date(2015, 9, 30)),
    (date(2015, 10, 1), date(2015, 12, 31)),
)


def period_text(first: date, last: date) -> str:
    """A covered period as a title has it."""
    if first == last:
        return f"截至{last.year}年{last.month}月{last.day}日"
    if (first.month, last.month) == (1, 12):
        return f"{first.year}年度"
    if (first.month, last.month) in ((1, 6), (7, 12)):
        return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
    quarter = {1: "一", 4: "二", 7: "三", 10: "四"}[first.month]
    return f"{first.year}年第{quarter}季度"


def style_of(rng: Random, record: Record) -> Style:
    """A clerk's habits, drawn once per table."""
    has_money = any(c.type is ColumnType.MONEY for c in record.columns.values())
    return Style(
        date_form=rng.choice(_FORMS),
        full_width=rng.random() < 0.2,
        unit_in_header=rng.random() < 0.6,
        money_unit=rng.choice(("元", "元", "万元")) if has_money else "元",
        star=rng.choice(("", "", "*", "＊", "﹡")),
        blank_in_header=rng.random() < 0.3,
        serial=rng.random() < 0.8,
        title=rng.random() < 0.85,
        footer=rng.random() < 0.7,
        subtotal=rng.random() < 0.35,
        header_choice=rng.randrange(6),
        money_form=rng.choice((0, 0, 1, 2, 3)),
        typed=rng.random() < 0.3,
    )


def tables_of(unit: Unit, record: Record, rows: Iterable[Row], seed: int, split_2015: bool) -> list[Table]:
    """Tables by covered period; a lived year without rows is a zero report."""
    by_period: dict[tuple[date, date], list[Row]] = {}
    for row in rows:
        period = (row.day, row.day) if record.snapshot else period_of(row.day, split_2015)
        by_period.setdefault(period, []).append(row)
    out = []
    for (first, last), found in sorted(by_period.items(), key=lambda item: item[0]):
        rng = Random(f"{seed}/{unit.code}/{record.record}/{first}/style")
        out.append(table_of(unit, record, found, first, last, rng))
    return out


def table_of(unit: Unit, record: Record, rows: list[Row], first: date, last: date, rng: Random) -> Table:
    """One table in a drawn style."""
    title = f"{unit.name}{period_text(first, last)}{record.label}"
    style = style_of(rng, record)
    if not style.title:
        # The lines beside the title are gone: the unit and the notice must stand elsewhere.
        style.unit_in_header = style.footer = True
    if record.snapshot:
        style.title = True  # only the title tells the day
    return Table(record, first, last, title, rows, style, sheet=sheet_name(record))


def sheet_name(record: Record) -> str:
    """A sheet name without the characters that a workbook forbids."""
    return "".join(c for c in record.label if c not in "[]:*?/\\（）")[:28]


def arrival(unit: Unit, last: date, rng: Random) -> date:
    """The day a file on a period arrives: within three weeks, one in twelve late."""
    days = 10 + unit.number % 7 + rng.randrange(4)
    return last + timedelta(days=days + (40 if rng.random() < 1 / 12 else 0))


def workbooks(unit: Unit, tables: list[Table], seed: int) -> list[Delivery]:
    """A workbook per year, and for two kinds a CSV of their own."""
    out = []
    for year in sorted({t.last.year for t in tables}):
        rng = Random(f"{seed}/{unit.code}/{year}/files")
        mine = [t for t in tables if t.last.year == year]
        received = arrival(unit, min(date(year, 12, 31), unit.valid_to), rng)
        apart = {t.record.record for t in rng.sample(mine, min(2, len(mine) - 1))} if len(mine) > 3 else set()
        book = [t for t in mine if t.record.record not in apart]
        out.append(Delivery(received, unit.code, folder(unit), f"{year}年度工会工作报表.xlsx", book))
        for table in mine:
            if table.record.record in apart:
                out.append(csv_delivery(unit, table, received, rng))
    return out


def csv_delivery(unit: Unit, table: Table, received: date, rng: Random, folder_name: str = "") -> Delivery:
    """One table as a CSV file in some encoding; the name gives kind and period too."""
    table.sheet = ""
    name = f"{period_text(table.first, table.last)}{table.record.label.replace('/', '')}.csv"
    return Delivery(received, unit.code, folder_name or folder(unit), name, [table], rng.choice(ENCODINGS))


def folder(unit: Unit) -> str:
    """The inbox folder of a unit: by full name, short name or code, as units happen to do it."""
    if unit.valid_to.year < 9999:
        return unit.code  # its short name went on to the successor
    return (unit.short, unit.name, unit.code)[unit.number % 3]


def file_per_table(unit: Unit, tables: list[Table], seed: int) -> list[Delivery]:
    """A file per kind and period: mostly CSV in mixed encodings, every third a workbook of one sheet."""
    out = []
    for number, table in enumerate(tables):
        rng = Random(f"{seed}/{unit.code}/{table.record.record}/{table.first}/{table.last}/file")
        received = arrival(unit, table.last, rng)
        delivery = csv_delivery(unit, table, received, rng)
        if number % 3 == 2:
            table.sheet = sheet_name(table.record)
            delivery.name = delivery.name.removesuffix(".csv") + ".xlsx"
        out.append(delivery)
    return out
