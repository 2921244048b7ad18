"""What a rule can give at all, found before any figure exists: range of points, what is never reached, where points fall.

A rule is piecewise linear in each number it reads, so its values at the marks of every piece (and just beside them) say
everything: highest and lowest points, bands and branches that nothing leads to, and whether points fall while a number
rises. Several numbers are combined in full up to `LIMIT` combinations; beyond that the parts are looked at one by one,
which can only make the range too wide, never too narrow. Refuses nothing; what is odd is for the linter to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from flows.score.scheme import Band, Bands, Condition, Each, Linear, Number, Rule, Steps, Table, Tally

#: Most combinations of values that are tried for one rule; 4,000 take about 50 ms.
LIMIT = 4000
_BESIDE = Fraction(1, 10**9)
_FAR = Fraction(10**9)

Value: TypeAlias = Fraction | str


class Source(NamedTuple):
    """What a rule's points depend on: a number, or for a tally (whose counts are many numbers) its sum of points."""

    number: Number
    tally: str = ""


@dataclass(frozen=True)
class Domain:
    """Which values a number can have: low..high (None is open), whole numbers only, or one of some codes.

    `better` is 1 where more is better, -1 where less is, 0 where neither is said.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False
    codes: tuple[str, ...] = ()
    better: int = 0

    def holds(self, value: Fraction) -> bool:
        """Whether the number can have this value."""
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (not self.whole or value.denominator == 1)
        )


Domains: TypeAlias = Callable[[Number], Domain]


@dataclass(frozen=True)
class Within:
    """What a rule takes from its item: full points and cap."""

    full: Fraction
    most: Fraction


class Fall(NamedTuple):
    """Two neighbouring values of a number, the better one with fewer points."""

    number: Number
    worse: Fraction
    better: Fraction
    worse_points: Fraction
    better_points: Fraction


@dataclass(frozen=True)
class Reach:
    """Lowest and highest points; `taken` are (id of bands, table or first, index or key) that some value leads to.

    `taken` is None where there were too many combinations to say.
    """

    low: Fraction
    high: Fraction
    taken: frozenset[tuple[int, int | str]] | None
    falls: tuple[Fall, ...] = ()


def reach(rule: Rule, within: Within, domains: Domains) -> Reach:
    """Everything the rule can give; an empty range (no value fits anything) counts as 0..0."""
    axes = {source: _values(rule, source, within, domains) for source in dict.fromkeys(_sources(rule))}
    if prod(len(values) for values in axes.values()) > LIMIT:
        return _by_parts(rule, within, domains)
    taken: set[tuple[int, int | str]] = set()
    points: dict[tuple[Value, ...], Fraction] = {}
    for values in product(*axes.values()):
        found = points_at(rule, within, dict(zip(axes, values, strict=True)), taken)
        if found is not None:
            points[values] = found
    falls = tuple(_falls(axes, points, domains))
    return Reach(
        min(points.values(), default=Fraction()),
        max(points.values(), default=Fraction()),
        frozenset(taken),
        falls,
    )


def _by_parts(rule: Rule, within: Within, domains: Domains) -> Reach:
    parts = [reach(part, within, domains) for part in rule.parts]
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    falls = tuple(fall for part in parts for fall in part.falls)
    if rule.sum:
        low, high = sum(lows, start=Fraction()), sum(highs, start=Fraction())
    elif rule.mean:
        weights = [Fraction(part.weight) for part in rule.mean]
        low = sum((w * p for w, p in zip(weights, lows, strict=True)), start=Fraction())
        high = sum((w * p for w, p in zip(weights, highs, strict=True)), start=Fraction())
    elif rule.times:
        ends = [prod(chosen) for chosen in product(*zip(lows, highs, strict=True))]
        low, high = Fraction(min(ends)), Fraction(max(ends))
    elif rule.best:
        low, high = max(lows), max(highs)
    elif rule.worst:
        low, high = min(lows), min(highs)
    elif rule.each:
        low, high = (_each(rule.each, end) for end in (lows[0], highs[0]))
    else:  # first: any of its branches
        low, high = min(lows, default=Fraction()), max(highs, default=Fraction())
    return Reach(low, high, None, falls)


def _each(rule: Each, points: Fraction) -> Fraction:
    """All periods alike: the ends of the range are reached there."""
    return clip(points * len(rule.periods), rule.least, rule.most)


def _falls(
    axes: Mapping[Source, list[Value]], points: Mapping[tuple[Value, ...], Fraction], domains: Domains
) -> Iterator[Fall]:
    """The first fall along each number that has a better end."""
    for place, (source, values) in enumerate(axes.items()):
        better = 1 if source.tally else domains(source.number).better
        if source.tally or not better:
            continue
        numbers = [v for v in values if isinstance(v, Fraction)]
        steps = list(pairwise(numbers if better > 0 else numbers[::-1]))
        others = [v for n, v in enumerate(axes.values()) if n != place]
        found = (
            Fall(source.number, worse, good, points[low], points[high])
            for rest in product(*others)
            for worse, good in steps
            if (low := (*rest[:place], worse, *rest[place:])) in points
            and (high := (*rest[:place], good, *rest[place:])) in points
            and points[high] < points[low]
        )
        if fall := next(found, None):
            yield fall


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
        return _number(values[_tally_source(rule.tally)])
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
    return _each(rule.each, parts[0]) if rule.each else min(parts)


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


def outcomes(condition: Condition, domains: Domains) -> set[bool] | None:
    """What a condition can be at all, missing numbers aside; None where there are too many combinations to say."""
    marks: dict[Source, set[Fraction]] = {}
    for inner in _simple(condition):
        marks.setdefault(Source(inner.of), set()).update(Fraction(b) for _, b in inner.bounds)
    axes = {s: probes(found, domains(s.number)) for s, found in marks.items()}
    if prod(len(values) for values in axes.values()) > LIMIT:
        return None
    tried = product(*axes.values())
    return {is_true(condition, dict(zip(axes, values, strict=True))) for values in tried}


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


def _tally_source(rule: Tally) -> Source:
    return Source(rule.of, repr(sorted(rule.points.items())))


def _sources(rule: Rule) -> Iterator[Source]:
    for inner in rule.walk():
        if inner.tally:
            yield _tally_source(inner.tally)
        else:
            yield from (Source(number) for number in inner.numbers)


def _values(rule: Rule, source: Source, within: Within, domains: Domains) -> list[Value]:
    """The values worth trying for one source."""
    if source.tally:
        tallies = (r.tally for r in rule.walk() if r.tally and _tally_source(r.tally) == source)
        return list(dict.fromkeys(end for tally in tallies for end in _tally_ends(tally, within)))
    return probes(set(mark_values(rule, source.number, within)), domains(source.number))


def _tally_ends(rule: Tally, within: Within) -> list[Value]:
    """Least, none at all, most: any number of records may come."""
    most = within.most if rule.most is None else Fraction(rule.most)
    worth = [*rule.points.values(), *([] if rule.otherwise is None else [rule.otherwise])]
    start = clip(Fraction(rule.start), rule.least, most)
    low = Fraction(rule.least) if any(p < 0 for p in worth) else start
    return [low, start, most if any(p > 0 for p in worth) else start]


def probes(marks: Iterable[Fraction], domain: Domain) -> list[Value]:
    """The marks, what lies just beside them, and the ends: every piece of a piecewise function is met."""
    if domain.codes:
        return list(domain.codes)
    ends = {end for end in (domain.low, domain.high) if end is not None}
    tried = {*marks, *ends, Fraction()}
    beside = {
        v for m in tried for v in ((floor(m) - 1, floor(m), ceil(m), ceil(m) + 1) if domain.whole else ())
    }
    tried |= (
        {Fraction(v) for v in beside} if domain.whole else {m + d for m in tried for d in (-_BESIDE, _BESIDE)}
    )
    tried |= {floor(min(tried)) - _FAR, ceil(max(tried)) + _FAR}
    return sorted(v for v in tried if domain.holds(v))


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
            conditions = (c for c in _simple(branch.if_) if c.of == number)
            yield from (Fraction(bound) for c in conditions for _, bound in c.bounds)


def _simple(condition: Condition) -> Iterator[Condition]:
    inner = (*condition.all_, *condition.any_, *((condition.not_,) if condition.not_ else ()))
    if not inner:
        yield condition
    for c in inner:
        yield from _simple(c)


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
