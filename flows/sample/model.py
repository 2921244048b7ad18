"""What the sample means before it is written: rows with their intended fate, tables, deliveries.

The truth file comes from these objects alone. Nothing here reads a file back or runs the pipeline,
because a truth that is computed by what it is to judge proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from flows.contract.record import Record

State = Literal["accepted", "rejected", "duplicate"]


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell exactly as it is to be written, because its form is the point (`2015-02-30`, `201*年`)."""

    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A span of days, both ends included."""

    first: date
    last: date


Value = date | int | Decimal | str | bool | Raw | Span | None
#: Rows to be rejected: what makes a good row bad, and the issue that must follow.
Faults = tuple[tuple[dict[str, Value], str], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing a row stands for: `amount` of a figure, on a day, of a category, of a subject.

    `subject` is what a distinct figure counts once (a student, a title); None where rows are counted.
    """

    figure: str
    on: date
    amount: Decimal | int = 1
    category: str | None = None
    subject: str | None = None
    stock: bool = False  # the state on a day: the last one on or before a period's end, never a sum
    until: date | None = None  # stands from `on` to this day: counts where a period ends in between


@dataclass(slots=True)
class Row:
    """One data row: true values by contract column, what must become of it, what it stands for.

    `ident` names the real thing behind the row: two rows with one `ident` are the same thing told
    twice, in a part (a duplicate) or in two parts (the later received counts).
    """

    values: dict[str, Value]
    state: State = "accepted"
    issues: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    ident: str = ""
    subject: str | None = None  # the unit a row is about, where an office reports on others
    on: date | None = None  # the day that puts the row into a covered period; a snapshot's day

    @property
    def day(self) -> date:
        """`on`, which every row that is packed into a table has."""
        if self.on is None:
            raise ValueError(f"a row without its day: {self.ident}")
        return self.on

    def day_of(self, column: str) -> date:
        """The true day in a column."""
        value = self.values[column]
        if not isinstance(value, date):
            raise TypeError(f"{column} holds no day: {self.ident}")
        return value

    def amount_of(self, column: str) -> int:
        """The true whole amount in a column."""
        value = self.values[column]
        if not isinstance(value, int):
            raise TypeError(f"{column} holds no whole amount: {self.ident}")
        return value


@dataclass(slots=True)
class Style:
    """How one table is written. Drawn once per table: a clerk is consistent within a sheet, mostly."""

    date_form: int = 0
    full_width: bool = False
    unit_in_header: bool = True
    money_unit: str = "元"
    star: str = ""
    blank_in_header: bool = False
    serial: bool = True
    title: bool = True
    footer: bool = True
    subtotal: bool = False
    header_choice: int = 0
    money_form: int = 0
    plain: bool = False
    typed: bool = False  # real dates and numbers in the cells, not their text


@dataclass(slots=True)
class Table:
    """One recognised table of a file. `held` is the issue that keeps the part out, if any."""

    record: Record
    first: date
    last: date
    title: str
    rows: list[Row]
    style: Style
    sheet: str = ""
    columns: tuple[str, ...] = ()  # contract columns to write; () = those with a value
    extra_header: str | None = None  # an unknown header, which must stop the part
    held: str | None = None
    numbers: dict[str, int] = field(default_factory=dict)  # filled when written: rows_read, …
    rejected: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    warned: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    state: str = ""  # in_force, replaced, withdrawn, held_back
    marks: list[tuple[Mark, int]] = field(default_factory=list)  # of bulk rows: mark × how often


@dataclass(slots=True)
class Delivery:
    """One file as it arrives: the day, the folder of the sender, the name, its tables or its bytes."""

    received: date
    sender: str  # unit code; "" for a folder nobody knows
    folder: str
    name: str
    tables: list[Table] = field(default_factory=list)
    encoding: str = "utf-8"
    content: bytes | None = None  # junk is written as it is
    bulk: Iterable[bytes] | None = None  # a roll too large for `Row`s; its table has numbers and marks
    problems: tuple[str, ...] = ()
    withdrawn: str | None = None  # the reason of the withdrawal
