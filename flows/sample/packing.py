"""From rows to files: which rows share a table, which tables a file, and when it arrives.

Yongchuan and the city send a file per kind and period, mostly CSV in mixed encodings. The other units send a workbook
a year with a sheet per kind, and a kind or two as CSV. A year's files arrive in the January after it; some are late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from flows.contract.record import ColumnType, Record
from flows.sample.cell_forms import last_of_month
from flows.sample.intent import ClerkStyle, PlannedFile, PlannedRow, PlannedTable
from flows.sample.senders import Sender


def period_of(day: date, sender: Sender) -> tuple[date, date]:
    """The covered period a day falls in: the year; Yongchuan tells 2015 by a half-year and two quarters."""
    if not sender.is_article or day.year != 2015:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    first, last = (1, 6) if day.month <= 6 else (7, 9) if day.month <= 9 else (10, 12)
    return date(2015, first, 1), last_of_month(date(2015, last, 1))


def period_text(first: date, last: date) -> str:
    """A covered period as a title has it."""
    if first == last:
        return f"截至{last.year}年{last.month}月{last.day}日"
    if (first.month, last.month) == (1, 12):
        return f"{first.year}年度"
    if last.month - first.month == 5:
        return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
    return f"{first.year}年第{'一二三四'[first.month // 3]}季度"


def tables_of(sender: Sender, record: Record, rows: Iterable[PlannedRow]) -> list[PlannedTable]:
    """Tables by covered period, each in the style that one clerk draws."""
    by_period: dict[tuple[date, date], list[PlannedRow]] = {}
    for row in rows:
        period = (row.day, row.day) if record.snapshot else period_of(row.day, sender)
        by_period.setdefault(period, []).append(row)
    return [
        table_of(sender, record, of_period, *period, sender.dice(record.record, period[0], "style"))
        for period, of_period in sorted(by_period.items(), key=lambda item: item[0])
    ]


def table_of(
    sender: Sender, record: Record, rows: list[PlannedRow], first: date, last: date, dice: Random
) -> PlannedTable:
    """One table in a drawn style."""
    has_money = any(c.type is ColumnType.MONEY for c in record.columns.values())
    style = ClerkStyle(
        date_form=dice.choice((0, 0, 1, 2, 3, 4, 5, 6)),
        full_width=dice.random() < 0.2,
        unit_in_header=dice.random() < 0.6,
        money_unit=dice.choice(("元", "元", "万元")) if has_money else "元",
        star=dice.choice(("", "", "*", "＊", "﹡")),
        blank_in_header=dice.random() < 0.3,
        serial=dice.random() < 0.8,
        title=dice.random() < 0.85,
        footer=dice.random() < 0.7,
        subtotal=dice.random() < 0.35,
        header_choice=dice.randrange(6),
        money_form=dice.choice((0, 0, 1, 2, 3)),
        typed=dice.random() < 0.3,
    )
    if not style.title:  # unit and notice must stand elsewhere
        style.unit_in_header = style.footer = True
    style.title |= record.snapshot  # only the title tells the day
    title = f"{sender.unit.name}{period_text(first, last)}{record.label}"
    return PlannedTable(record, first, last, title, rows, style, sheet=_sheet_name(record))


def _sheet_name(record: Record) -> str:
    """The label without the characters that a workbook forbids."""
    return "".join(c for c in record.label if c not in "[]:*?/\\（）")[:28]


def arrival(sender: Sender, last: date, dice: Random) -> date:
    """The day a file on a period arrives: within three weeks, one in twelve late."""
    days = 10 + sender.number % 7 + dice.randrange(4)
    return last + timedelta(days=days + (40 if dice.random() < 1 / 12 else 0))


def files_of(sender: Sender, tables: list[PlannedTable]) -> list[PlannedFile]:
    """What a sender makes of its tables: Yongchuan and the city a file each, the others a workbook a year."""
    if not sender.is_article and not sender.is_office:
        return _workbooks(sender, tables)
    out = []
    for number, table in enumerate(tables):
        dice = sender.dice(table.record.record, table.first, table.last, "file")
        file = csv_file(sender, table, arrival(sender, table.last, dice), dice)
        if number % 3 == 2 and len(table.rows) < 500:  # every third, if it is no long list, a workbook
            table.sheet = _sheet_name(table.record)
            file.name = file.name.removesuffix(".csv") + ".xlsx"
        out.append(file)
    return out


def _workbooks(sender: Sender, tables: list[PlannedTable]) -> list[PlannedFile]:
    """A workbook per year with a sheet per kind, and for two kinds a CSV of their own."""
    out = []
    for year in sorted({t.last.year for t in tables}):
        dice = sender.dice(year, "files")
        mine = [t for t in tables if t.last.year == year]
        received = arrival(sender, min(date(year, 12, 31), sender.unit.valid_to), dice)
        apart = dice.sample(range(len(mine)), min(2, len(mine) // 2))
        book = [t for n, t in enumerate(mine) if n not in apart]
        out.append(PlannedFile(received, sender.code, folder(sender), f"{year}年度工会工作报表.xlsx", book))
        out += [csv_file(sender, mine[n], received, dice) for n in apart]
    return out


def csv_file(
    sender: Sender, table: PlannedTable, received: date, dice: Random, suffix: str = ""
) -> PlannedFile:
    """One table as a CSV file in some encoding; the name gives kind and period too."""
    table.sheet = ""
    name = f"{period_text(table.first, table.last)}{table.record.label.replace('/', '')}{suffix}.csv"
    encoding = dice.choice(("gb18030", "utf-8-sig", "utf-8", "utf-16"))
    return PlannedFile(received, sender.code, folder(sender), name, [table], encoding)


def folder(sender: Sender) -> str:
    """The inbox folder of a unit: by full name, short name or code, as units happen to do it."""
    if sender.is_gone:
        return sender.code  # its short name went on to the successor
    return (sender.short, sender.unit.name, sender.code)[sender.number % 3]
