"""What rows come to, and the row of `metric.value` that this is: state, value, both sides, bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from tests.metrics.recount.rows import Column

MILLION = 10**6


class Measure(NamedTuple):
    """What the rows of one unit, period and category come to; amounts in millionths, None where nothing or anything is possible."""

    numerator: int | None
    denominator: int | None
    records: int
    undecided: int
    rejected: int
    open: int
    low: int
    high: int | None
    denominator_high: int | None


class Number(NamedTuple):
    """A row of `metric.value` beside its key."""

    state: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    record_count: int
    undecided_count: int
    lower: Decimal | None
    upper: Decimal | None


#: A column of a measure that says nothing, for any number of periods.
NOTHING: list[int | None] = [None] * 1000


def measures(exists: Column, *columns: Any) -> list[Measure | None]:
    """A measure per period from the columns of one, None where no row may count."""
    lines = zip(exists, *(c.tolist() if isinstance(c, np.ndarray) else c for c in columns), strict=False)
    return [Measure(*line) if is_there else None for is_there, *line in lines]


def added(a: Measure | None, b: Measure | None) -> Measure | None:
    """Persons on rolls and those with a validity of their own: both sums count."""
    if a is None or b is None:
        return a or b
    numerators = [n for n in (a.numerator, b.numerator) if n is not None]
    high = None if a.high is None or b.high is None else a.high + b.high
    return Measure(
        sum(numerators) if numerators else None,
        None,
        a.records + b.records,
        a.undecided + b.undecided,
        a.rejected + b.rejected,
        a.open + b.open,
        a.low + b.low,
        high,
        None,
    )


def state_number(found: Measure | None, is_rate: bool, is_silent: bool, existed: bool) -> Number:
    """What a missing number means, and the number with its bounds."""
    m = found or Measure(None, None, 0, 0, 0, 0, 0, None, None)
    numerator = m.numerator
    if is_rate and numerator is None and m.denominator and not m.undecided and is_silent:
        numerator = 0  # the other half of a rate was handed in and names nothing
    has_number = numerator is not None and (not is_rate or bool(m.denominator))
    if m.open and (not numerator or (is_rate and not m.denominator)):
        state = "unsettled"
    elif has_number:
        state = "value" if numerator else "zero"
    elif m.rejected:
        state = "rejected"
    elif is_rate and m.denominator == 0:
        state = "not_applicable"
    elif m.records or m.undecided:
        state = "not_reported"
    elif not existed:
        state = "not_applicable"
    elif is_silent:
        state = "not_applicable" if is_rate else "zero"
    else:
        state = "not_reported"
    is_number = state in ("value", "zero")
    if is_rate:
        value = _rate(numerator or 0, m.denominator) if is_number else None
        low, high = _rate(m.low, m.denominator_high), _rate(m.high, m.denominator)
    else:
        value, low, high = numerator or 0, m.low, m.high
    if state == "zero" and not m.records and not is_rate:
        low = high = 0
    has_bounds = is_number or m.undecided > 0
    return Number(
        state,
        _decimal(value) if is_number else None,
        _decimal(numerator or 0) if is_number else None,
        _decimal(m.denominator) if is_rate and (is_number or state == "not_applicable") else None,
        m.records,
        m.undecided,
        _decimal(low) if has_bounds else None,
        _decimal(high) if has_bounds else None,
    )


def _rate(numerator: int | None, denominator: int | None) -> int | None:
    """Rounded to six places, halves up; in millionths."""
    if numerator is None or not denominator:
        return None
    return (2 * numerator * MILLION + denominator) // (2 * denominator)


def _decimal(millionths: int | None) -> Decimal | None:
    return None if millionths is None else Decimal(millionths).scaleb(-6)
