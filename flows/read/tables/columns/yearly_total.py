"""A list of months or bodies where the kind is one row a year: its total is that row, its rows are the parts.

Refuses a total that is not the sum of the rows, and a list whose rows say themselves of which unit or year they are.
"""

from __future__ import annotations

from flows.contract.record import ColumnType
from flows.read.tables.detect import DetectedTable
from flows.read.tables.headers import HeaderIndex
from flows.read.tables.row_rules import RowLayout, RowRules
from flows.read.tables.totals import StatedTotals

#: A longer list is no year's report.
_MOST_ROWS = 5000
_OF_PARTS = "小计"


def total_of_year(table: DetectedTable, known: HeaderIndex) -> int | None:
    """The row that states the total of all others, for a kind of which a unit has one row a year; else None."""
    record = table.record
    if table.years or not set(record.key) <= {"unit_code", "year", "stat_year"}:
        return None
    mapped = {m.column for m in table.columns if m.column}
    if any(c.type in (ColumnType.UNIT, ColumnType.YEAR) for c in record.read_columns if c.name in mapped):
        return None
    layout = RowLayout.of(table)
    rules, totals = RowRules(layout, known), StatedTotals(layout.summed)
    stated: list[int] = []
    rows = parts = 0
    for chunk in table.grid.body(table.last_header_row, table.width):
        judged = [(i, number, row, rules.judge(number, row)) for i, (number, row) in enumerate(chunk.rows())]
        rows += len(judged)
        if chunk.irregular or rows > _MOST_ROWS:
            return None
        parts += sum(not rule for *_, rule in judged)
        for _, number, row, rule in judged:
            has_figure = any(p < len(row) and row[p] for p in layout.summed)
            if rule == "subtotal" and has_figure and not any(_OF_PARTS in cell for cell in row):
                stated.append(number)
        dropped = {i: rule for i, _, _, rule in judged if rule}
        totals.keep(chunk, {*dropped}, {i: rule for i, rule in dropped.items() if rule != "blank"})
    wrong = {number for number, _ in totals.differing()}
    return stated[-1] if parts > 1 and stated and not wrong & {*stated} else None
