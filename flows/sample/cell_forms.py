"""How a plan says what is in a cell: a form per kind of saying, and the row under construction that it reads.

A literal stands for itself (`{…}` in it names other cells and counters), a list is gone through row by row,
a mapping is one of the forms below. A form is turned into a function once per lot, because it runs for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from random import Random
from typing import Literal

from flows.contract.record import Column, ColumnType, Strict
from flows.sample import people
from flows.sample.intent import DaySpan, PlannedRow, Value, Verbatim
from flows.sample.senders import Sender


@dataclass(slots=True)
class LotTotals:
    """What the rows of a lot share: how many they are, and the amounts that add up over them."""

    count: int
    share: int | None  # of a register: its thousandths of the full size on this day
    amounts: dict[str, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """A row under construction."""

    sender: Sender
    dice: Random
    day: date
    turn: int  # which row of its lot: what lists go by
    n: int  # what the row is about, by number: what names and people go by
    lot: LotTotals
    spans: Sequence[tuple[date, date]] = ()  # where another day may be drawn
    of_day: int = 0  # which row of its kind and day
    values: dict[str, Value] = field(default_factory=dict)
    source: PlannedRow | None = None  # the row that this one continues
    subject: Sender | None = None  # whom it is about, where an office reports on others
    checked: tuple[str, str, int] = ("", "", 0)  # indicator, item and figure that an office checks

    def __getitem__(self, name: str) -> object:
        """What `{name}` in a text stands for."""
        return self.values[name] if name in self.values else _NAMED[name](self)


_NAMED: Mapping[str, Callable[[Draft], object]] = {
    "n": lambda d: d.n,
    "number": lambda d: d.n + 1,
    "year": lambda d: d.day.year,
    "no": lambda d: f"{d.day:%m%d}{d.of_day:02d}",
    "code": lambda d: d.sender.code,
    "short": lambda d: d.sender.short,
    "union": lambda d: d.sender.unit.name,
    "division": lambda d: d.sender.division,
    "indicator": lambda d: d.checked[0],
    "checked_item": lambda d: d.checked[1],
}

Maker = Callable[[Draft], Value]


def between(dice: Random, low: int, high: int, step: int = 1) -> int:
    """A number of a span, both ends included; `randint` takes three times as long."""
    return low + int(dice.random() * ((high - low) // step + 1)) * step


def amounts(dice: Random, total: int, count: int, step: int = 1) -> list[int]:
    """`count` amounts, multiples of `step` but for one, that add up to `total` exactly; none thrice another."""
    ends = list(accumulate(between(dice, 50, 150) for _ in range(count)))
    cuts = [total // step * end // ends[-1] * step for end in ends[:-1]]
    return [b - a for a, b in pairwise([0, *cuts, total])]


class Drawn(Strict):
    """A number between two, both included."""

    low: int
    high: int
    step: int = 1

    def maker(self, column: Column) -> Maker:
        low, high, step = self.low, self.high, self.step
        return lambda draft: between(draft.dice, low, high, step)


class TotalOfLot(Strict):
    """A part of a total that the rows of the lot add up to exactly; a span is drawn from.

    The rows of a register have parts that are alike, and of the share of the total that its day has.
    """

    total: int | tuple[int, int]
    step: int = 1

    def maker(self, column: Column) -> Maker:
        def make(draft: Draft) -> Value:
            if column.name not in draft.lot.amounts:
                draft.lot.amounts[column.name] = self._split(draft.dice, draft.lot)
            return draft.lot.amounts[column.name][draft.turn % draft.lot.count]

        return make

    def _split(self, dice: Random, lot: LotTotals) -> list[int]:
        total = self.total if isinstance(self.total, int) else dice.randint(*self.total)
        if lot.share is None:
            return amounts(dice, total, lot.count, self.step)
        base, rest = divmod(total * lot.share // 1_000, lot.count)
        return [base + (i < rest) for i in range(lot.count)]


class FromCell(Strict):
    """From another cell of the row: a day later, a percentage of an amount, something more or less.

    `taken: source` reads the cell of the row that this one continues.
    """

    of: str
    plus: tuple[int, int] = (0, 0)
    pct: tuple[int, int] = (100, 100)
    taken: Literal["row", "source"] = "row"

    def maker(self, column: Column) -> Maker:
        (low, high), (least, most) = self.plus, self.pct

        def make(draft: Draft) -> Value:
            cells = draft.source.values if self.taken == "source" and draft.source else draft.values
            value, more = cells[self.of], low if low == high else between(draft.dice, low, high)
            if isinstance(value, DaySpan) and column.type is not ColumnType.SPAN:
                value = value.first
            if isinstance(value, date):
                return value.year + more if column.type is ColumnType.YEAR else value + timedelta(days=more)
            if isinstance(value, int):
                return value * (least if least == most else between(draft.dice, least, most)) // 100 + more
            return value

        return make


class AsWritten(Strict):
    """The cell exactly so, whatever its type: what must fail."""

    written: str

    def maker(self, column: Column) -> Maker:
        return lambda draft: Verbatim(self.written)


class SpanFromDay(Strict):
    """From the row's day on for some days, within its month; or its whole month, or year. In a date, the day itself."""

    span: int | Literal["month", "year"]

    def maker(self, column: Column) -> Maker:
        return self._make if column.type is ColumnType.SPAN else lambda draft: draft.day

    def _make(self, draft: Draft) -> Value:
        day, last = draft.day, last_of_month(draft.day)
        if self.span == "year":
            return DaySpan(date(day.year, 1, 1), date(day.year, 12, 31))
        if self.span == "month":
            return DaySpan(day.replace(day=1), last)
        return DaySpan(day, min(day + timedelta(days=int(self.span)), last))


class NthPerson(Strict):
    """A made-up person by number, as a name or as a citizen ID; `born` about a year (students)."""

    person: int
    of: int = 0  # so many people take turns
    born: int | None = None

    def maker(self, column: Column) -> Maker:
        def make(draft: Draft) -> Value:
            n = draft.n % self.of if self.of else draft.n
            if column.type is ColumnType.NAME:
                return people.name(self.person + n)
            if self.born is None:
                return draft.sender.citizen(self.person + n)
            day = date(self.born + n % 3, 6 + n % 6, 1 + n % 28)
            return draft.sender.citizen(n // 3 + draft.sender.number, day)

        return make


class CheckedFigure(Strict):
    """The figure that the office checks, less or more a little."""

    figure: int

    def maker(self, column: Column) -> Maker:
        return lambda draft: draft.checked[2] + self.figure


Made = Drawn | TotalOfLot | FromCell | AsWritten | SpanFromDay | NthPerson | CheckedFigure
Simple = bool | int | Decimal | str | Made | None
Form = Simple | tuple[Simple, ...]


def last_of_month(day: date) -> date:
    """The last day of a day's month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def reads_cells(form: Form) -> bool:
    """Whether a form needs other cells of its row, and so has to wait for them."""
    if isinstance(form, tuple):
        return any(map(reads_cells, form))
    return isinstance(form, FromCell) or (isinstance(form, str) and "{" in form)


def maker_of(form: Form, column: Column) -> Maker:
    """The function that makes a column's cell from its form."""
    if isinstance(form, tuple):
        makers = [maker_of(each, column) for each in form]
        return lambda draft: makers[draft.turn % len(makers)](draft)
    if isinstance(form, Made):
        return form.maker(column)
    value: Value = form
    if isinstance(form, str):
        if "{" in form:
            return lambda draft: form.format_map(draft)
        if column.type is ColumnType.DATE:
            value = date.fromisoformat(form)
        elif column.type is ColumnType.SPAN:
            first, _, last = form.partition("/")
            value = DaySpan(date.fromisoformat(first), date.fromisoformat(last or first))
    return lambda draft: value
