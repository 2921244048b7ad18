"""What a unit should have reached by a day of the year, and how far it is behind: red, yellow (amber) or green.

What adds up during a year (counts, sums, different persons, editions held, those reached of a list) is expected at the
pace of past years: the share of their totals that all assessed units together had reached by the same day. A stock, a rate
of what happened and a streak are no part of a whole: they are held against the target itself on every day. Nothing is
read off a clock, and what is not reported has no status: its state says why, and a red one would blame a unit for a
report that may not be due.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from flows.contract.indicator import Shape
from flows.score.scheme.scheme_model import PaceMarks

RagStatus = Literal["green", "yellow", "red"]

#: Shapes whose value grows during the year from nothing to its total.
ACCUMULATES = frozenset({Shape.COUNT, Shape.SUM, Shape.DISTINCT, Shape.EDITION, Shape.COVERAGE})

#: Past years that are looked back to.
YEARS_BACK = 3


@dataclass(frozen=True, slots=True)
class ExpectedShare:
    """Share of the target expected by a day, and what it is from: past years, days elapsed, or the target itself."""

    share: Fraction
    basis: Literal["past", "elapsed", "target"]


def expected_share(shape: Shape, past: Iterable[tuple[Fraction, Fraction]], day: date) -> ExpectedShare:
    """The pace of an indicator; `past` are (reached by that day, total of the year), one per unit and past year: numerators.

    Where past years have nothing to go by, the share of the year's days that have passed, `day` included.
    """
    if shape not in ACCUMULATES:
        return ExpectedShare(Fraction(1), "target")
    known = list(past)
    total = sum((whole for _, whole in known), Fraction(0))
    if total <= 0:
        days = 366 if calendar.isleap(day.year) else 365
        return ExpectedShare(Fraction(day.timetuple().tm_yday, days), "elapsed")
    reached = sum((by_then for by_then, _ in known), Fraction(0))
    return ExpectedShare(min(max(reached / total, Fraction(0)), Fraction(1)), "past")


def rag_status(
    actual: Fraction | None, expected: Fraction | None, direction: str, marks: PaceMarks
) -> RagStatus | None:
    """The status of a figure beside what was expected: green from `marks.green` × expected on, yellow from `marks.yellow` × on.

    Where less is better, the two change places: green while `marks.green` × actual is within what was expected. None
    without a figure, without a target, or for an indicator of which neither more nor less is better.
    """
    if actual is None or expected is None or direction == "none":
        return None
    have, need = (actual, expected) if direction == "up" else (expected, actual)
    if have >= Fraction(marks.green) * need:
        return "green"
    return "yellow" if have >= Fraction(marks.yellow) * need else "red"


def same_day(day: date, years_back: int) -> date:
    """The day that many years before; 28 February for a leap day where there is none."""
    year = day.year - years_back
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))
