"""What a rule can give at all, found before any figure exists: range of points, what is never reached, where points fall.

A rule is piecewise linear in each number it reads, so its values at the marks of every piece (and just beside them) say
everything: highest and lowest points, bands and branches that nothing leads to, and whether points fall while a number rises.
Several numbers are combined in full up to `LIMIT` combinations; beyond that the parts are looked at one by one, which can
only make the range too wide, never too narrow. Refuses nothing; what is odd is for the linter to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from flows.score.engine.result import RuleTrace
from flows.score.ranges.probe import Axis, Value, axes, conditions, is_true, marks, records, tried
from flows.score.rules.grammar import Condition, Input, Rule
from flows.score.scheme.scheme_model import Item

#: Most combinations of values that are tried for one rule; 4,000 take about 0.1 s.
LIMIT = 4000
_BESIDE = Fraction(1, 10**9)
_FAR = Fraction(10**9)

Taken: TypeAlias = frozenset[tuple[str, str | int]]


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


Domains: TypeAlias = Callable[[Input], Domain]


class Fall(NamedTuple):
    """Two neighbouring values of a number, the better one with fewer points."""

    number: Input
    worse: Fraction
    better: Fraction
    worse_points: Fraction
    better_points: Fraction


@dataclass(frozen=True)
class Reach:
    """Lowest and highest points; `taken` are (path of bands, table or first, band, key or branch) that some value leads to.

    `taken` is None where there were too many combinations of what decides between branches.
    """

    low: Fraction
    high: Fraction
    taken: Taken | None
    falls: tuple[Fall, ...] = ()


def reach(rule: Rule, item: Item | None, domains: Domains, path: str = "rule") -> Reach:
    """Everything the rule can give, before the item's own cap; an empty range (no value fits anything) counts as 0..0."""
    tries = {axis: _values(rule, axis, item, domains) for axis in axes(rule)}
    if rule.parts and prod(len(values) for values in tries.values()) > LIMIT:
        return _by_parts(rule, item, domains, path)
    taken: set[tuple[str, str | int]] = set()
    points: dict[tuple[Value, ...], Fraction] = {}
    for values in product(*tries.values()):
        try:
            working = tried(rule, item, dict(zip(tries, values, strict=True)))
        except ZeroDivisionError:  # a line without a slope
            continue
        taken.update(_taken(path, working))
        if working.points is not None:
            points[values] = working.points
    low, high = (end(points.values(), default=Fraction()) for end in (min, max))
    return Reach(low, high, frozenset(taken), tuple(_falls(tries, points, domains)))


def part_paths(path: str, rule: Rule) -> list[tuple[str, Rule]]:
    """The rules directly inside a rule, each with its path."""
    if rule.first:
        inside = [(f"{path}.first.branches.{n}.then", b.then) for n, b in enumerate(rule.first.branches)]
        return [*inside, (f"{path}.first.otherwise", rule.first.otherwise)]
    if rule.mean:
        return [(f"{path}.mean.{n}.rule", part.rule) for n, part in enumerate(rule.mean)]
    if rule.each:
        return [(f"{path}.each.rule", rule.each.rule)]
    return [(f"{path}.{rule.kind}.{n}", part) for n, part in enumerate(rule.parts)]


def _taken(path: str, working: RuleTrace) -> Iterator[tuple[str, str | int]]:
    """What was taken on the way to the points."""
    rule = working.rule
    if working.branch is not None and rule.kind in ("bands", "table", "first"):
        yield f"{path}.{rule.kind}", working.branch
    inside = [below for below, _ in part_paths(path, rule)]
    if rule.first:
        inside = [inside[int(working.branch or 0)]]
    for below, part in zip(inside, working.parts, strict=False):  # an `each` has a part per period
        yield from _taken(below, part)


def _by_parts(rule: Rule, item: Item | None, domains: Domains, path: str) -> Reach:
    parts = [reach(part, item, domains, below) for below, part in part_paths(path, rule)]
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    if rule.first:  # any of its branches; what falls within one may never be looked at there
        return Reach(min(lows), max(highs), None)
    ends = product(*zip(lows, highs, strict=True)) if rule.times else (lows, highs)
    given = [_together(rule, list(chosen)) for chosen in ends]
    told = [part.taken for part in parts if part.taken is not None]
    taken: Taken | None = frozenset().union(*told) if len(told) == len(parts) else None
    return Reach(min(given), max(given), taken, tuple(fall for part in parts for fall in part.falls))


def _together(rule: Rule, points: list[Fraction]) -> Fraction:
    """What the rule makes of one end of each of its parts."""
    if rule.mean:
        return sum((Fraction(m.weight) * p for m, p in zip(rule.mean, points, strict=True)), start=Fraction())
    if rule.each:
        whole, each = points[0] * len(rule.each.periods), rule.each
        whole = whole if each.least is None else max(whole, Fraction(each.least))
        return whole if each.most is None else min(whole, Fraction(each.most))
    if rule.times:
        return prod(points, start=Fraction(1))
    return max(points) if rule.best else min(points) if rule.worst else sum(points, start=Fraction())


def _falls(
    tries: Mapping[Axis, list[Value]], points: Mapping[tuple[Value, ...], Fraction], domains: Domains
) -> Iterator[Fall]:
    """The greatest fall along each number that has a better end."""
    for place, (axis, values) in enumerate(tries.items()):
        better = 0 if axis.is_tallied else domains(axis.number).better
        if not better:
            continue
        numbers = [v for v in values if isinstance(v, Fraction)]
        steps = list(pairwise(numbers if better > 0 else numbers[::-1]))
        others = [v for n, v in enumerate(tries.values()) if n != place]
        found = [
            Fall(axis.number, worse, good, points[low], points[high])
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
    bounds: dict[Axis, set[Fraction]] = {}
    for _, inner in conditions("if", condition):
        bounds.setdefault(Axis(inner.of), set()).update(Fraction(b) for _, b in inner.bounds)
    tries = {axis: probes(found, domains(axis.number)) for axis, found in bounds.items()}
    if prod(len(values) for values in tries.values()) > LIMIT:
        return None
    return {is_true(condition, dict(zip(tries, values, strict=True))) for values in product(*tries.values())}


def _values(rule: Rule, axis: Axis, item: Item | None, domains: Domains) -> list[Value]:
    """The values worth trying along one axis."""
    if axis.is_tallied:
        return records(rule, axis.number)
    return probes(marks(rule, axis.number, item), domains(axis.number))


def probes(found: Iterable[Fraction], domain: Domain) -> list[Value]:
    """The marks, what lies just beside them, and the ends: every piece of a piecewise function is met."""
    if domain.codes:
        return list(domain.codes)
    ends = (end for end in (domain.low, domain.high) if end is not None)
    tries = {*found, *ends, Fraction()}
    if domain.whole:
        tries |= {Fraction(n) for m in tries for n in (floor(m) - 1, floor(m), ceil(m), ceil(m) + 1)}
    else:
        tries |= {m + d for m in tries for d in (-_BESIDE, _BESIDE)}
    tries |= {floor(min(tries)) - _FAR, ceil(max(tries)) + _FAR}
    return sorted(v for v in tries if domain.holds(v))
