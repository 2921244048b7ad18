"""A plain table drawn from a contract: some columns, made-up values, a covered period and a title for it.

Whatever a human could not decide is not drawn: a title never names a second kind, a header is a spelling
of the contract, and people are made up.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from random import Random

from flows.contract.catalogue import code_lists, records
from flows.contract.record import Column, ColumnType, Record
from tests.messy.layout import Block, Cell, Col, Line, plain

UNITS = ("永川区总工会", "江津区总工会", "合川区总工会")
TOWNS = ("青峰镇", "临江镇", "朱沱镇", "三教镇", "来苏镇")
NUMERIC = frozenset((ColumnType.COUNT, ColumnType.MONEY, ColumnType.DECIMAL))
ADDABLE = frozenset((ColumnType.COUNT, ColumnType.MONEY))
#: Beside the columns that a row needs, at most so many: wide tables only take longer.
MORE_COLUMNS = 7


@cache
def titles(kind: str) -> tuple[str, ...]:
    """Titles that name this kind and no other."""
    kinds = records()
    words = kinds[kind].recognise.title
    foreign = [word for name, record in kinds.items() if name != kind for word in record.recognise.title]
    drafts = [kinds[kind].label, *(word + end for word in words for end in ("情况表", "台账", "统计表"))]
    own = [draft for draft in drafts if any(word in draft for word in words)]
    return tuple(dict.fromkeys(draft for draft in own if not any(word in draft for word in foreign)))


def draw(rng: Random, kind: str, rows: int) -> Block:
    """A block with columns, one header row and data rows; nothing around them."""
    record = records()[kind]
    needed = {c.name for c in record.read_columns if c.required} | set(record.recognise.columns)
    others = [c.name for c in record.read_columns if c.name not in needed]
    picked = needed | set(rng.sample(others, min(len(others), rng.randint(1, MORE_COLUMNS))))
    columns = [Col(c.name, c.type, c.label) for c in record.read_columns if c.name in picked]
    block = Block(record, _period(rng, record.snapshot), columns)
    for column in columns:
        # The label itself is one of the spellings in nearly every contract, and not in all.
        spellings = record.columns[column.name or ""].header
        column.header = column.header if column.header in spellings else spellings[0]
    for number in range(1, rows + 1):
        block.body.append(Line("data", _row(rng, record, columns, number, needed)))
    return block


def lay_header(block: Block) -> None:
    """Header lines from the columns: parents merged over their runs, lone headers merged downwards."""
    depth = 1 + max(len(column.parents) for column in block.columns)
    lines = [Line("header", {}) for _ in range(depth)]
    for offset, column in enumerate(block.columns):
        for level, parent in enumerate(column.parents):
            run = [c.parents[: level + 1] for c in block.columns[:offset]]
            if not run or run[-1] != column.parents[: level + 1]:
                lines[level].cells[offset] = plain(parent)
                last = _last_of_run(block.columns, offset, level)
                if last > offset:
                    lines[level].merges.append((offset, last))
        lines[len(column.parents)].cells[offset] = plain(column.header)
        if len(column.parents) < depth - 1:
            block.down_merges.append((lines[len(column.parents)], lines[-1], offset))
    block.header = lines


def _last_of_run(columns: list[Col], offset: int, level: int) -> int:
    wanted = columns[offset].parents[: level + 1]
    last = offset
    while last + 1 < len(columns) and columns[last + 1].parents[: level + 1] == wanted:
        last += 1
    return last


def _period(rng: Random, snapshot: bool) -> tuple[date, date]:
    year, month = rng.randint(2012, 2016), rng.randint(1, 12)
    if snapshot:
        day = date(year, month, monthrange(year, month)[1])
        return day, day
    return rng.choice(
        (
            (date(year, 1, 1), date(year, 12, 31)),
            (date(year, 1, 1), date(year, 9, 30)),
            (date(year, month, 1), date(year, month, monthrange(year, month)[1])),
        )
    )


def period_text(rng: Random, covers: tuple[date, date]) -> str:
    """A covered period as a title says it."""
    first, last = covers
    if first == last:
        return f"截至{last.year}年{last.month}月{last.day}日"
    if first.month == last.month:
        return rng.choice((f"{first.year}年{first.month}月", f"{first.year}年{first.month}月份"))
    if last.month == 12:
        return rng.choice((f"{first.year}年", f"{first.year}年度"))
    return rng.choice((f"{first.year}年1-9月", f"{first.year}年1至9月", f"{first.year}年前三季度"))


def _row(rng: Random, record: Record, columns: list[Col], number: int, needed: set[str]) -> dict[int, Cell]:
    cells = {}
    for offset, column in enumerate(columns):
        if column.name in needed or rng.random() < 0.8:
            cells[offset] = plain(value(rng, record.columns[column.name or ""], number))
    return cells


def value(rng: Random, column: Column, number: int) -> str:
    """A made-up text for a cell of a column; `number` tells rows apart."""
    kind = column.type
    if kind is ColumnType.CODE:
        return rng.choice(code_lists()[column.list or ""]).label
    if kind in (ColumnType.DATE, ColumnType.SPAN):
        day = date(2015, rng.randint(1, 12), rng.randint(1, 28))
        return rng.choice(
            (f"{day}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日")
        )
    if kind is ColumnType.CITIZEN_ID:
        return f"510229{rng.randint(1950, 1990)}0101{number % 10000:04}"
    if kind is ColumnType.UNIT:
        return rng.choice(UNITS)
    if kind is ColumnType.DIVISION:
        return rng.choice(TOWNS)
    simple = {
        ColumnType.TEXT: f"永川第{number}厂{rng.choice(('', '（一分厂）', '三车间', ',北区', '“甲”班'))}",
        ColumnType.NAME: f"{rng.choice('赵钱孙李周吴')}某{number}",
        ColumnType.WITHHELD: f"渝西路{number}号",
        ColumnType.YEAR: "2015",
        ColumnType.MONEY: f"{Decimal(rng.randint(1, 999999)) / 100}",
        ColumnType.COUNT: f"{rng.randint(0, 5000)}",
        ColumnType.DECIMAL: f"{Decimal(rng.randint(1, 9999)) / 10}",
        ColumnType.PCT: f"{rng.randint(1, 100)}%",
        ColumnType.BOOL: rng.choice("是否"),
        ColumnType.CREDIT_CODE: f"91500118MA{number:06}X{rng.randint(0, 9)}",
        ColumnType.PHONE: f"1380000{number % 10000:04}",
        ColumnType.INDICATOR: "调解成功案件数",
    }
    return simple[kind]


def typed(text: str, kind: ColumnType | None) -> Cell | None:
    """The same value as a spreadsheet stores it typed; None where text is the only sound form."""
    if kind in NUMERIC:
        number = Decimal(text)
        whole = number == number.to_integral_value()
        shown = f"{number.to_integral_value() if whole else number.normalize():f}"
        return Cell(int(number) if whole else float(number), shown)
    if kind is ColumnType.PCT:
        return Cell(float(Decimal(text.rstrip("%")) / 100), text, "0%")
    if kind is ColumnType.DATE:
        year, month, day = (
            int(part)
            for part in text.replace("年", "-").replace("月", "-").replace("/", "-").rstrip("日").split("-")
        )
        return Cell(datetime(year, month, day), f"{year}-{month:02}-{day:02}", "yyyy-mm-dd")
    if kind is ColumnType.BOOL:
        return Cell(text == "是", text)
    if kind is ColumnType.YEAR:
        return Cell(int(text), text)
    return None
