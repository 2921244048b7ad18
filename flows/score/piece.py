"""The points of a rule for given numbers, and where the pieces it is made of begin.

A rule is piecewise linear in each number it reads. `reach.py` tries the marks to say what a rule can give at all; nobody is
scored with this, so an absent number and the state it would have are not its matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from flows.score.scheme import Band, Bands, Condition, Each, Linear, Number, Rule, Steps, Table, Tally

Value: TypeAlias = Fraction | str


class Source(NamedTuple):
    """What a rule's points depend on: a number, or for a tally (whose counts are many numbers) its sum of points."""

    number: Number
    tally: str = ""


@dataclass(frozen=True)
class Within:
    """What a rule takes from its item: full points and cap."""

    full: Fraction
    most: Fraction


def points_at(
    rule: Rule, within: Within, values: Mapping[Source, Value], taken: set[tuple[int, int | str]]
) -> Fraction | None:
    """Points for given values; None where no band or entry fits. What was taken on the way is added to `taken`."""
    if rule.points is not None:
        return Fraction(rule.points)
    if rule.linear:
        return linear_points(rule.linear, within, _number(values[Source(rule.linear.of)]))
    if rule.bands:
        return _bands_points(rule.bands, _number(values[Source(rule.bands.of)]), taken)
    if rule.steps:
        return steps_points(rule.steps, within, _number(values[Source(rule.steps.of)]))
    if rule.table:
        return _table_points(rule.table, values[Source(rule.table.of)], taken)
    if rule.tally:
        return _number(values[tally_source(rule.tally)])
    if rule.first:
        for index, branch in enumerate(rule.first.branches):
            if is_true(branch.if_, values):
                taken.add((id(rule.first), index))
                return points_at(branch.then, within, values, taken)
        taken.add((id(rule.first), -1))
        return points_at(rule.first.otherwise, within, values, taken)
    parts = [points_at(part, within, values, taken) for part in rule.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _together(rule, known)


def _together(rule: Rule, parts: list[Fraction]) -> Fraction:
    if rule.sum:
        return sum(parts, start=Fraction())
    if rule.mean:
        shares = zip(rule.mean, parts, strict=True)
        return sum((Fraction(m.weight) * p for m, p in shares), start=Fraction())
    if rule.times:
        return prod(parts, start=Fraction(1))
    if rule.best:
        return max(parts)
    return each_points(rule.each, parts[0]) if rule.each else min(parts)


def each_points(rule: Each, points: Fraction) -> Fraction:
    """All periods alike: the ends of the range are reached there."""
    return clip(points * len(rule.periods), rule.least, rule.most)


def linear_points(rule: Linear, within: Within, value: Fraction) -> Fraction:
    """As the docstring of `Linear` says; a line without a slope gives nothing."""
    zero_at, full_at, base = Fraction(rule.zero_at), Fraction(rule.full_at), Fraction(rule.base)
    points = within.full if rule.points is None else Fraction(rule.points)
    if zero_at == full_at:
        return Fraction()
    if rule.least is not None:
        least = Fraction(rule.least)
        if value < least if full_at > zero_at else value > least:
            return Fraction()
    share = base + (1 - base) * (value - zero_at) / (full_at - zero_at)
    return points * clip(share, rule.floor, rule.cap)


def contains(band: Band, value: Fraction) -> bool:
    """Whether a number lies in a band, each end as it is written."""
    return (
        (band.from_ is None or value >= Fraction(band.from_))
        and (band.above is None or value > Fraction(band.above))
        and (band.to is None or value < Fraction(band.to))
        and (band.upto is None or value <= Fraction(band.upto))
    )


def _bands_points(rule: Bands, value: Fraction, taken: set[tuple[int, int | str]]) -> Fraction | None:
    for index, band in enumerate(rule.points):
        if contains(band, value):
            taken.add((id(rule), index))
            return Fraction(band.points)
    return None if rule.otherwise is None else Fraction(rule.otherwise)


def steps_points(rule: Steps, within: Within, value: Fraction) -> Fraction:
    """As the docstring of `Steps` says."""
    units = (value - Fraction(rule.at)) / Fraction(rule.per)
    if rule.parts != "share":
        outward = (rule.parts == "full") == (units > 0)
        units = Fraction(ceil(units) if outward else floor(units))
    start = within.full if rule.start is None else Fraction(rule.start)
    points = start + (units * Fraction(rule.above) if units > 0 else -units * Fraction(rule.below))
    return clip(points, rule.least, within.most if rule.most is None else rule.most)


def _table_points(rule: Table, value: Value, taken: set[tuple[int, int | str]]) -> Fraction | None:
    for key, points in rule.points.items():
        if key == value or (isinstance(value, Fraction) and _whole(key) == value):
            taken.add((id(rule), key))
            return Fraction(points)
    return None if rule.otherwise is None else Fraction(rule.otherwise)


def is_true(condition: Condition, values: Mapping[Source, Value]) -> bool:
    """Whether a condition holds for given values."""
    if condition.all_:
        return all(is_true(c, values) for c in condition.all_)
    if condition.any_:
        return any(is_true(c, values) for c in condition.any_)
    if condition.not_:
        return not is_true(condition.not_, values)
    value = values[Source(condition.of)]
    if condition.is_ is not None:
        return value == condition.is_
    number = _number(value)
    tests = {
        "at_least": lambda bound: number >= bound,
        "more_than": lambda bound: number > bound,
        "at_most": lambda bound: number <= bound,
        "less_than": lambda bound: number < bound,
    }
    return all(tests[name](Fraction(bound)) for name, bound in condition.bounds)


def clip(value: Fraction, least: object, most: object) -> Fraction:
    """`value` within least..most, either of them None where there is no end."""
    if least is not None:
        value = max(value, Fraction(str(least)))
    return value if most is None else min(value, Fraction(str(most)))


def _number(value: Value) -> Fraction:
    """A code where a number is read counts as 0; the linter refuses it by name."""
    return value if isinstance(value, Fraction) else Fraction()


def _whole(key: str) -> int | None:
    return int(key) if key.lstrip("-").isdecimal() else None


def tally_source(rule: Tally) -> Source:
    return Source(rule.of, repr(sorted(rule.points.items())))


def sources(rule: Rule) -> Iterator[Source]:
    for inner in rule.walk():
        if inner.tally:
            yield tally_source(inner.tally)
        else:
            yield from (Source(number) for number in inner.numbers)


def mark_values(rule: Rule, number: Number, within: Within) -> Iterator[Fraction]:
    """Where the pieces of a rule begin and end along one number."""
    for inner in rule.walk():
        if inner.linear and inner.linear.of == number:
            yield from _linear_marks(inner.linear)
        if inner.bands and inner.bands.of == number:
            ends = (e for b in inner.bands.points for e in (b.from_, b.above, b.to, b.upto))
            yield from (Fraction(end) for end in ends if end is not None)
        if inner.steps and inner.steps.of == number:
            yield from _steps_marks(inner.steps, within)
        if inner.table and inner.table.of == number:
            yield from (Fraction(n) for key in inner.table.points if (n := _whole(key)) is not None)
        for branch in inner.first.branches if inner.first else ():
            conditions = (c for c in simple_conditions(branch.if_) if c.of == number)
            yield from (Fraction(bound) for c in conditions for _, bound in c.bounds)


def simple_conditions(condition: Condition) -> Iterator[Condition]:
    inner = (*condition.all_, *condition.any_, *((condition.not_,) if condition.not_ else ()))
    if not inner:
        yield condition
    for c in inner:
        yield from simple_conditions(c)


def _linear_marks(rule: Linear) -> Iterator[Fraction]:
    zero_at, full_at, base = Fraction(rule.zero_at), Fraction(rule.full_at), Fraction(rule.base)
    yield from (zero_at, full_at)
    if rule.least is not None:
        yield Fraction(rule.least)
    if base != 1:
        for share in (rule.floor, rule.cap):
            yield zero_at + (Fraction(share) - base) / (1 - base) * (full_at - zero_at)


def _steps_marks(rule: Steps, within: Within) -> Iterator[Fraction]:
    """The mark itself, one unit beside it, and where least and most are reached."""
    at, per = Fraction(rule.at), Fraction(rule.per)
    start = within.full if rule.start is None else Fraction(rule.start)
    most = within.most if rule.most is None else Fraction(rule.most)
    yield from (at, at - per, at + per)
    for end in (Fraction(rule.least), most):
        for slope, side in ((Fraction(rule.above), 1), (Fraction(rule.below), -1)):
            if slope and (end - start) / slope > 0:
                units = (end - start) / slope
                yield from (at + side * per * n for n in (units, floor(units), ceil(units)))
