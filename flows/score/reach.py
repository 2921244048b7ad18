"""What a rule can give at all, found before any figure exists: range of points, what is never reached, where points fall.

Its values at the marks of every piece (and just beside them) say everything: highest and lowest points, bands and branches
that nothing leads to, and whether points fall while a number rises. Several numbers are combined in full up to `LIMIT`
combinations; beyond that the parts are looked at one by one, which can only make the range too wide, never too narrow.
Refuses nothing; what is odd is for the linter to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from flows.score.piece import (
    Source,
    Value,
    Within,
    clip,
    each_points,
    is_true,
    mark_values,
    points_at,
    simple_conditions,
    sources,
    tally_source,
)
from flows.score.scheme import Condition, Number, Rule, Tally

#: Most combinations of values that are tried for one rule; 4,000 take about 50 ms.
LIMIT = 4000
_BESIDE = Fraction(1, 10**9)
_FAR = Fraction(10**9)


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

    `taken` is None where there were too many combinations of what decides between branches.
    """

    low: Fraction
    high: Fraction
    taken: frozenset[tuple[int, int | str]] | None
    falls: tuple[Fall, ...] = ()


def reach(rule: Rule, within: Within, domains: Domains) -> Reach:
    """Everything the rule can give; an empty range (no value fits anything) counts as 0..0."""
    axes = {source: _values(rule, source, within, domains) for source in dict.fromkeys(sources(rule))}
    if rule.parts and prod(len(values) for values in axes.values()) > LIMIT:
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
    falls: tuple[Fall, ...] = tuple(fall for part in parts for fall in part.falls)
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
        low, high = (each_points(rule.each, end) for end in (lows[0], highs[0]))
    else:  # first: any of its branches; what falls within one may never be looked at there
        falls = ()
        low, high = min(lows, default=Fraction()), max(highs, default=Fraction())
    told = [part.taken for part in parts if part.taken is not None]
    is_told = len(told) == len(parts) and not rule.first
    return Reach(low, high, frozenset().union(*told) if is_told else None, falls)


def _falls(
    axes: Mapping[Source, list[Value]], points: Mapping[tuple[Value, ...], Fraction], domains: Domains
) -> Iterator[Fall]:
    """The greatest fall along each number that has a better end."""
    for place, (source, values) in enumerate(axes.items()):
        better = 1 if source.tally else domains(source.number).better
        if source.tally or not better:
            continue
        numbers = [v for v in values if isinstance(v, Fraction)]
        steps = list(pairwise(numbers if better > 0 else numbers[::-1]))
        others = [v for n, v in enumerate(axes.values()) if n != place]
        found = [
            Fall(source.number, worse, good, points[low], points[high])
            for rest in product(*others)
            for worse, good in steps
            if (low := (*rest[:place], worse, *rest[place:])) in points
            and (high := (*rest[:place], good, *rest[place:])) in points
            and points[high] < points[low]
        ]
        if found:
            yield max(found, key=lambda fall: fall.worse_points - fall.better_points)


def outcomes(condition: Condition, domains: Domains) -> set[bool] | None:
    """What a condition can be at all, missing numbers aside; None where there are too many combinations to say."""
    marks: dict[Source, set[Fraction]] = {}
    for inner in simple_conditions(condition):
        marks.setdefault(Source(inner.of), set()).update(Fraction(b) for _, b in inner.bounds)
    axes = {s: probes(found, domains(s.number)) for s, found in marks.items()}
    if prod(len(values) for values in axes.values()) > LIMIT:
        return None
    tried = product(*axes.values())
    return {is_true(condition, dict(zip(axes, values, strict=True))) for values in tried}


def _values(rule: Rule, source: Source, within: Within, domains: Domains) -> list[Value]:
    """The values worth trying for one source."""
    if source.tally:
        tallies = (r.tally for r in rule.walk() if r.tally and tally_source(r.tally) == source)
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
