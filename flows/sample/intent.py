"""What the sample means before it is written: rows with their intended fate, tables, files.

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


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A cell exactly as it is to be written, because its form is the point (`2015-02-30`, `201*年`)."""

    text: str


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A span of days, both ends included."""

    first: date
    last: date


Value = date | int | Decimal | str | bool | Verbatim | DaySpan | None


@dataclass(frozen=True, slots=True)
class FigureShare:
    """What a row adds to a figure: `amount` on a day, of a category, for a subject.

    `subject` is what a distinct figure counts once (a student, a place); None where rows are counted.
    """

    figure: str
    on: date
    amount: Decimal | int = 1
    category: str | None = None
    subject: str | None = None
    is_stock: bool = False  # the state on a day: the last one on or before a period's end, never a sum
    until: date | None = None  # stands from `on` to this day: counts where a period ends in between


@dataclass(slots=True)
class PlannedRow:
    """One data row: true values by contract column, what must become of it, what it stands for.

    `ident` names the real thing behind the row: two rows with one `ident` are the same thing told
    twice, in a part (a duplicate) or in two parts (the later received counts).
    """

    values: dict[str, Value]
    day: date  # puts the row into a covered period; a snapshot's day
    ident: str = ""
    shares: tuple[FigureShare, ...] = ()
    subject: str | None = None  # the unit a row is about, where an office reports on others
    fate: Literal["accepted", "open", "rejected", "duplicate"] = (
        "accepted"  # open: accepted with a word nobody knows
    )
    issues: tuple[str, ...] = ()


@dataclass(slots=True)
class ClerkStyle:
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
    typed: bool = False  # real dates and numbers in the cells, not their text


@dataclass(slots=True)
class PlannedTable:
    """One recognised table of a file. `held` is the issue that keeps the part out, if any."""

    record: Record
    first: date
    last: date
    title: str
    rows: list[PlannedRow]
    style: ClerkStyle = field(default_factory=ClerkStyle)
    sheet: str = ""
    columns: tuple[str, ...] = ()  # contract columns to write; () = those with a value
    extra_header: str | None = None  # an unknown header, whose column is held
    held: str | None = None
    state: str = ""  # in_force, replaced, withdrawn, held_back
    numbers: dict[str, int] = field(default_factory=dict)  # filled when written: rows_read, …
    faulty: list[tuple[int, tuple[str, ...]]] = field(
        default_factory=list
    )  # rows rejected or with an open column
    bulk_shares: list[FigureShare] = field(default_factory=list)  # of a table without rows

    def accepted(self) -> list[PlannedRow]:
        """The rows that count."""
        return [row for row in self.rows if row.fate == "accepted"]

    def count(self, **numbers: int) -> None:
        """State what the reader must find: rows accepted, rejected, duplicate and ignored."""
        self.numbers = {"accepted": 0, "rejected": 0, "duplicate": 0, "ignored": 0} | numbers
        self.numbers["rows_read"] = sum(numbers.values())


@dataclass(slots=True)
class PlannedFile:
    """One file as it arrives: the day, the folder of the sender, the name, its tables or its bytes."""

    received: date
    sender: str  # unit code; "" for a folder nobody knows
    folder: str
    name: str
    tables: list[PlannedTable] = field(default_factory=list)
    encoding: str = "utf-8"
    chunks: Iterable[bytes] | None = None  # the bytes themselves: junk, or a roll too large for rows
    problems: tuple[str, ...] = ()
    withdrawn: str | None = None  # the reason of the withdrawal
