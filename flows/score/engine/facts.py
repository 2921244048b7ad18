"""What is known about a year when it is scored: figures of units, recorded scores, notices, decisions.

Nothing here is computed; the store reads it from the warehouse (`flows/assess/fact_queries.py`), a test writes it by hand.
Every record keeps its address (part, row), so that what the engine makes of it leads back to a cell.
Amounts are exact fractions of whole numbers; a rate is a fraction of 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

#: Why there is, or is not, a number. The first five are those of metric.value; the others arise in scoring.
State = Literal[
    "value", "zero", "not_applicable", "not_reported", "rejected", "unsettled", "no_target", "unscored"
]


class Address(NamedTuple):
    """A row of a delivery."""

    part_id: int
    row_number: int


class FigureKey(NamedTuple):
    """One number of an indicator; category None is the total. `period_id` is a row of ref.period."""

    indicator: str
    category: str | None
    period_id: str

    @property
    def order(self) -> tuple[str, str, str]:
        """By what keys are sorted: the total before its categories."""
        return self.indicator, self.category or "", self.period_id


@dataclass(frozen=True, slots=True)
class Figure:
    """A unit's value of an indicator, as in metric.value. `amount` is None unless the state is value or zero.

    `lower`..`upper` is where it may lie once undecided rows are decided; None is open (unknown).
    """

    state: State
    amount: Fraction | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    lower: Fraction | None = None
    upper: Fraction | None = None
    records: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """A decision about the year's figure of an indicator: verified, reduced by a spot check, or ruled on appeal.

    verified: `amount` takes the place of the computed figure. spot_check: `amount` is taken off. ruled: takes its place
    after all. appealed: an appeal that is not decided; `amount` is the figure claimed, None where none was named.
    """

    kind: Literal["verified", "spot_check", "ruled", "appealed"]
    unit: str
    indicator: str
    amount: Fraction | None
    on: date | None
    reason: str
    document_no: str
    address: Address


@dataclass(frozen=True, slots=True)
class PointsRuling:
    """An appeal about the points of an item: ruled, or not decided yet (then `points` are those claimed, or None)."""

    is_decided: bool
    unit: str
    item: str  # as written: id or label
    points: Fraction | None
    on: date | None
    reason: str
    document_no: str
    address: Address


@dataclass(frozen=True, slots=True)
class RaterScore:
    """What one rater gave a unit for an item: points of full points, or an opinion (a code)."""

    unit: str
    item: str  # as written: id or label
    group: str  # rater_group
    points: Fraction | None
    full_points: Fraction | None
    opinion: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class LateReport:
    """A report that came after its day (with what an accepted excuse allowed already added): calendar days, at least 1.

    One that has not come counts up to the end of what is known, the closing day at the latest; None: nobody can say.
    """

    unit: str
    record: str
    period_id: str
    days: int | None


@dataclass(frozen=True, slots=True)
class BonusApplication:
    """A bonus claimed for a matter; `granted` is None while undecided. Of the assessed year and those before it."""

    unit: str
    kind: str | None
    matter: str
    level: str
    work_year: int
    counted_year: int
    claimed: Fraction
    granted: Fraction | None
    document_no: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Notice:
    """A deduction of points by notice."""

    unit: str
    item: str  # as written: id or label
    points: Fraction
    reason: str
    document_no: str
    address: Address


@dataclass(frozen=True, slots=True)
class VetoEvent:
    """A recorded event of the year; a lifted one is not handed over."""

    unit: str
    condition: str  # veto_condition
    is_appealed: bool
    document_no: str
    address: Address


@dataclass(frozen=True, slots=True)
class PastResult:
    """A decided result of an earlier year."""

    unit: str
    year: int
    points: Fraction | None
    overall_rank: int | None
    group_rank: int | None
    grade: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A recorded decision on the order of units with equal points, or on who gets the last place: 1 goes first."""

    unit: str
    place: int
    reason: str
    document_no: str
    address: Address


#: What an office records about a unit during or after the year, with its address.
OfficeRecord = Correction | PointsRuling | RaterScore | BonusApplication | VetoEvent | Decision


@dataclass(frozen=True)
class Facts:
    """Everything the engine is given beside the scheme's folder. Order of the lists never matters."""

    units: tuple[str, ...]  # assessed units of the year
    names: Mapping[str, str]  # unit → short Chinese name, for the sentences
    figures: Mapping[tuple[str, FigureKey], Figure]  # by unit; an absent one is not_reported
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    points_rulings: tuple[PointsRuling, ...] = ()
    scores: tuple[RaterScore, ...] = ()
    late: tuple[LateReport, ...] = ()
    bonus: tuple[BonusApplication, ...] = ()
    notices: tuple[Notice, ...] = ()
    vetoes: tuple[VetoEvent, ...] = ()
    past: tuple[PastResult, ...] = ()
    decisions: tuple[Decision, ...] = ()
    #: Day up to which deliveries are known: decides late and closing, never the clock.
    known_on: date | None = None
