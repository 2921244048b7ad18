"""What a proof shows: a published number, the rows it is made of with their addresses, and every difference.

Plain data for `flows/report/trace.py`. A cell of a person never gets here: its value is None.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from flows.store.recount import Tally


@dataclass(frozen=True)
class Published:
    """A number as metric.value has it."""

    state: str
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    record_count: int
    undecided_count: int
    lower: Fraction | None
    upper: Fraction | None


@dataclass(frozen=True)
class Source:
    """A table of a delivery that was read again; `counted` of its rows are in the number."""

    part_id: int
    delivery_id: int
    name: str  # path below the sender's folder
    sheet: str
    sender: str
    record: str
    label: str
    covers_from: date | None
    covers_to: date | None
    received_at: datetime
    sha256: str
    is_turned: bool  # records stand in columns: a row number is a column
    is_in_force: bool
    counted: int = 0


@dataclass(frozen=True)
class Cell:
    """What the definition reads of a row; `value` is None where the column is about a person."""

    label: str
    value: str | None


@dataclass(frozen=True)
class Line:
    """A row that counts. `subject`: number of a person within this proof, an edition, or a year."""

    part_id: int
    row_number: int
    unit: str
    since_on: date | None
    until_on: date | None
    category: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    subject: str | None
    role: str | None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Passed:
    """A row of the same deliveries and unit that does not count; `row_number` None: nothing of the table does."""

    part_id: int
    row_number: int | None
    reason: str
    detail: str = ""  # in Chinese: findings of the row, the row that counts instead
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Difference:
    """Something that is not as published; `code` names it, the two sides are as text."""

    code: str
    published: str = ""
    found: str = ""
    part_id: int | None = None
    row_number: int | None = None
    delivery_id: int | None = None


@dataclass
class Proof:
    """A published number and what reading its deliveries again says about it."""

    unit: str
    unit_name: str
    indicator: str
    label: str
    measure: str  # unit of measure
    shape: str
    basis: str
    statement: str  # the SELECT
    period: str
    period_label: str
    first_on: date
    last_on: date
    category: str | None
    predecessors: dict[str, str] = field(default_factory=dict)  # unit → name
    published: Published | None = None
    tally: Tally = field(default_factory=Tally)
    sources: list[Source] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)  # parts that are the rolls of the last day
    reported: list[Source] = field(default_factory=list)  # a zero: what was handed in and names nothing
    lines: list[Line] = field(default_factory=list)  # the first of them
    counted: int = 0  # all of them
    passed: list[Passed] = field(default_factory=list)
    passed_by_reason: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    differing_rows: int = 0
    is_older_code: bool = False  # the edition was built by other definitions or other code

    @property
    def is_proven(self) -> bool:
        """Whether the published number is what the vault's files say."""
        return self.published is not None and not self.differences
