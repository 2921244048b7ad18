"""What a further record of a unit does to its figures: one more case, one more subject covered, one arrear fewer.

A record of a category counts in the total as well, one of a part of the year in the figures of the whole year. What is no
matter of records of this unit (a streak, a rate without a denominator) is not moved, and the reason is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from flows.contract.indicator import Indicator, Shape
from flows.score.engine.facts import Correction, Facts, Figure, FigureKey
from flows.score.scheme.scheme_loader import SchemeYear

#: Part of the target that a sum is moved by where no record of the unit says how large one is.
_PART = Decimal("0.01")

_NOTHING = Figure("not_reported")


@dataclass(frozen=True, slots=True)
class Increment:
    """Figures of a unit that further records move together.

    `step` is what one record does to the amount, or to the numerator of a rate: negative where less is better. `most` is how
    many records there can be (None: any number). `is_part`: a step is a part of the target, not a record.
    """

    indicator: Indicator
    category: str | None
    period_id: str | None  # the part of the year the records belong to, where the scheme reads parts
    keys: tuple[FigureKey, ...]
    step: Fraction
    most: int | None
    is_part: bool = False

    def up_to(self, limit: int) -> int:
        """How many records there can be, `limit` at most."""
        return limit if self.most is None else min(self.most, limit)


#: Increments and how many further records of each.
Moves = tuple[tuple[Increment, int], ...]


@dataclass(frozen=True, slots=True)
class NotOffered:
    """An indicator that further records of the unit do not move, and why (Chinese)."""

    indicator: str
    reason: str


def increments(
    year: SchemeYear, facts: Facts, unit: str, keys: Iterable[FigureKey], known: Mapping[str, Indicator]
) -> tuple[list[Increment], list[NotOffered]]:
    """What further records can move among the figures that a scheme reads, in the order of `keys`."""
    found: list[Increment] = []
    refused: dict[str, NotOffered] = {}
    for indicator, category, part, moved_keys in _together(year.year, keys):
        figures = [facts.figures.get((unit, key), _NOTHING) for key in moved_keys]
        reason = _refusal(known[indicator], figures)
        step, is_part = (Fraction(0), False) if reason else _step(year, unit, known[indicator], figures)
        if step:
            most = _most(known[indicator], figures, step)
            found.append(Increment(known[indicator], category, part, moved_keys, step, most, is_part))
        else:
            reason = reason or "至今没有一条记录，也没有目标，一条有多大无从估计"
            refused.setdefault(indicator, NotOffered(indicator, reason))
    return found, list(refused.values())


def _together(
    year: int, keys: Iterable[FigureKey]
) -> Iterable[tuple[str, str | None, str | None, tuple[FigureKey, ...]]]:
    """(indicator, category, part of the year, figures that a record of these counts in) of what is read of the year."""
    whole = (str(year), f"U{year}")
    read: dict[str, list[FigureKey]] = {}
    for key in keys:
        if key.period_id.removeprefix("U").startswith(whole[0]):  # the records of other years are in
            read.setdefault(key.indicator, []).append(key)
    for indicator, own in read.items():
        parts: list[str | None] = [*dict.fromkeys(k.period_id for k in own if k.period_id not in whole)]
        for part in parts or [None]:
            for category in dict.fromkeys(k.category for k in own):
                yield (
                    indicator,
                    category,
                    part,
                    tuple(k for k in own if k.category in (None, category) and k.period_id in (part, *whole)),
                )


def _refusal(indicator: Indicator, figures: Sequence[Figure]) -> str:
    if indicator.shape is Shape.STREAK:
        return "连续年数由历年结果决定，不以本年记录计"
    if any(figure.state == "not_applicable" for figure in figures):
        return "本单位不适用"
    if indicator.is_rate and any(not f.denominator or f.numerator is None for f in figures):
        return "分子、分母尚不齐全"
    return ""


def _step(
    year: SchemeYear, unit: str, indicator: Indicator, figures: Sequence[Figure]
) -> tuple[Fraction, bool]:
    """What one record does, and whether it is a part of the target instead; 0 where neither is known.

    Sums grow in whole units: half a person is no record.
    """
    sign = -1 if indicator.direction == "down" else 1
    if indicator.shape is not Shape.SUM:
        return Fraction(sign), False
    for figure in figures:
        if figure.records and figure.amount:
            return Fraction(sign * ceil(figure.amount / figure.records)), False
    target = year.in_force().get((unit, indicator.indicator))
    return (Fraction(sign * ceil(target.target * _PART)), True) if target else (Fraction(0), False)


def _most(indicator: Indicator, figures: Sequence[Figure], step: Fraction) -> int | None:
    """How many records there can be: a rate ends at 1 (one that may exceed it by its definition is no path past it), what should
    be less ends at 0."""
    held = [(f.numerator if indicator.is_rate else f.amount) or Fraction(0) for f in figures]
    if step < 0:
        return min(int(amount / -step) for amount in held)
    if indicator.is_rate:
        room = (f.denominator - amount for f, amount in zip(figures, held, strict=True) if f.denominator)
        return max(0, min(int(free) for free in room))
    return None


def with_moves(facts: Facts, unit: str, moves: Moves) -> Facts:
    """A copy of the facts in which the unit has so many further records; what is verified or ruled moves with them."""
    for increment, records in moves:
        facts = _with_records(facts, unit, increment, records)
    return facts


def _with_records(facts: Facts, unit: str, increment: Increment, records: int) -> Facts:
    if records == 0:
        return facts  # what is not reported stays so
    change = increment.step * records
    figures = dict(facts.figures)
    for key in increment.keys:
        figures[unit, key] = _moved(figures.get((unit, key), _NOTHING), change, increment.indicator.is_rate)
    corrections = tuple(
        _corrected(c, facts, increment, change)
        if (c.unit, c.indicator) == (unit, increment.indicator.indicator) and c.kind in ("verified", "ruled")
        else c
        for c in facts.corrections
    )
    return replace(facts, figures=figures, corrections=corrections)


def _moved(figure: Figure, change: Fraction, is_rate: bool) -> Figure:
    held = (figure.numerator if is_rate else figure.amount) or Fraction(0)
    numerator = held + change
    amount = numerator / figure.denominator if is_rate and figure.denominator else numerator
    shift = amount - (figure.amount or Fraction(0))
    return replace(
        figure,
        state="value" if amount else "zero",
        amount=amount,
        numerator=numerator if is_rate or figure.numerator is not None else None,
        lower=None if figure.lower is None else figure.lower + shift,
        upper=None if figure.upper is None else figure.upper + shift,
    )


def _corrected(correction: Correction, facts: Facts, increment: Increment, change: Fraction) -> Correction:
    """Corrections are about the total of the calendar year."""
    total = next((k for k in increment.keys if k.category is None and k.period_id.isdigit()), None)
    if correction.amount is None or total is None:
        return correction
    of = (
        facts.figures.get((correction.unit, total), _NOTHING).denominator
        if increment.indicator.is_rate
        else None
    )
    amount = max(Fraction(0), correction.amount + change / (of or 1))
    return replace(correction, amount=min(Fraction(1), amount) if increment.indicator.is_rate else amount)
