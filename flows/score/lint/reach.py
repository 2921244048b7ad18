"""What a rule can give at all, found before any figure exists: range of points, what is never reached, where points fall.

A rule is piecewise linear in each input it reads, so its values at the breakpoints of every piece (and just beside them) say
everything: highest and lowest points, bands and branches that nothing leads to, and whether points fall while an amount rises.
Several inputs are combined in full up to `LIMIT` combinations; beyond that the parts are looked at one by one, which can
only make the range too wide, never too narrow. Refuses nothing; what is odd is for the linter to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from flows.score.lint.probe import Axis, ProbeContext, Value, axes, breakpoints, probed, records
from flows.score.rules import Rule
from flows.score.rules.combined.case import Case
from flows.score.rules.combined.parts import Joined
from flows.score.rules.combined.product import Product
from flows.score.rules.condition import Comparison, Condition
from flows.score.rules.rule import Domains, RuleTrace, walk
from flows.score.scheme.scheme_model import Item
from flows.score.sources.input import InputBase
from flows.score.transforms.domain import Domain

#: Most combinations of values that are tried for one rule; 4,000 take about 0.1 s.
LIMIT = 4000
_BESIDE = Fraction(1, 10**9)
_FAR = Fraction(10**9)

#: (path of a rule with branches, the branch)
_Taken: TypeAlias = frozenset[tuple[str, str | int]]


class _Fall(NamedTuple):
    """Two neighbouring values of an input, the better one with fewer points."""

    read: InputBase
    worse: Fraction
    better: Fraction
    worse_points: Fraction
    better_points: Fraction


@dataclass(frozen=True)
class Reach:
    """Lowest and highest points; `taken` are the branches that some value leads to.

    `taken` is None where there were too many combinations of what decides between branches.
    """

    low: Fraction
    high: Fraction
    taken: _Taken | None
    falls: tuple[_Fall, ...] = ()


def reach(rule: Rule, item: Item | None, domains: Domains, path: str = "rule") -> Reach:
    """Everything the rule can give, before the item's own cap.

    Args:
        rule: the rule.
        item: the item it is of; None for a factor.
        domains: which values an input can have.
        path: of the rule, in front of what is taken.

    Returns:
        Range, branches taken, falls; an empty range (no value fits anything) counts as 0..0.
    """
    tries = {axis: _values(rule, axis, item, domains) for axis in axes(rule)}
    if isinstance(rule, Joined | Case) and prod(len(values) for values in tries.values()) > LIMIT:
        return _by_parts(rule, item, domains, path)
    paths = {id(place.node): place.path for place in walk(rule, path)}
    taken: set[tuple[str, str | int]] = set()
    points: dict[tuple[Value, ...], Fraction] = {}
    for values in product(*tries.values()):
        trace = probed(rule, item, dict(zip(tries, values, strict=True)))
        taken.update((paths[id(of)], branch) for of, branch in _branches(trace))
        if trace.points is not None:
            points[values] = trace.points
    low, high = (end(points.values(), default=Fraction()) for end in (min, max))
    return Reach(low, high, frozenset(taken), tuple(_falls(tries, points, domains)))


def _branches(trace: RuleTrace) -> Iterator[tuple[Rule, str | int]]:
    """What was taken on the way to the points."""
    if trace.branch is not None:
        yield trace.rule, trace.branch
    for part in trace.parts:
        yield from _branches(part)


def _by_parts(rule: Joined | Case, item: Item | None, domains: Domains, path: str) -> Reach:
    inside = {id(p.node): p for p in walk(rule, path) if p.rules_above == (rule,)}
    found = {key: reach(place.node, item, domains, place.path) for key, place in inside.items()}
    if isinstance(rule, Case):  # any of its branches; what falls within one may never be looked at there
        return Reach(min(r.low for r in found.values()), max(r.high for r in found.values()), None)
    parts = [found[id(part)] for part in rule.parts]
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    ends = product(*zip(lows, highs, strict=True)) if isinstance(rule, Product) else (lows, highs)
    joined = [rule.join(list(chosen)) for chosen in ends]
    seen = [part.taken for part in found.values() if part.taken is not None]
    taken: _Taken | None = frozenset().union(*seen) if len(seen) == len(found) else None
    return Reach(
        min(joined), max(joined), taken, tuple(fall for part in found.values() for fall in part.falls)
    )


def _falls(
    tries: Mapping[Axis, list[Value]], points: Mapping[tuple[Value, ...], Fraction], domains: Domains
) -> Iterator[_Fall]:
    """The greatest fall along each input that has a better end."""
    for place, (axis, values) in enumerate(tries.items()):
        better = 0 if axis.is_by_category else domains(axis.read).better
        if not better:
            continue
        amounts = [v for v in values if isinstance(v, Fraction)]
        steps = list(pairwise(amounts if better > 0 else amounts[::-1]))
        others = [v for n, v in enumerate(tries.values()) if n != place]
        found = [
            _Fall(axis.read, worse, good, points[low], points[high])
            for rest in product(*others)
            for worse, good in steps
            if (low := (*rest[:place], worse, *rest[place:])) in points
            and (high := (*rest[:place], good, *rest[place:])) in points
            and points[high] < points[low]
        ]
        if found:
            yield max(found, key=lambda fall: fall.worse_points - fall.better_points)


def outcomes(condition: Condition, domains: Domains) -> set[bool] | None:
    """What a condition can be at all, missing inputs aside; None where there are too many combinations to say."""
    bounds: dict[Axis, set[Fraction]] = {}
    for test in (place.node for place in walk(condition) if isinstance(place.node, Comparison)):
        bounds.setdefault(Axis(test.of), set()).update(Fraction(bound) for _, bound in test.bounds)
    tries = {axis: _probes(found, domains(axis.read)) for axis, found in bounds.items()}
    if prod(len(values) for values in tries.values()) > LIMIT:
        return None
    chosen = (dict(zip(tries, values, strict=True)) for values in product(*tries.values()))
    return {condition.holds(ProbeContext(None, values))[0] for values in chosen}


def _values(rule: Rule, axis: Axis, item: Item | None, domains: Domains) -> list[Value]:
    """The values worth trying along one axis."""
    if axis.is_by_category:
        return records(rule, axis.read)
    return _probes(breakpoints(rule, axis.read, item), domains(axis.read))


def _probes(marks: Iterable[Fraction], domain: Domain) -> list[Value]:
    """The breakpoints, what lies just beside them, and the ends: every piece of a piecewise function is met."""
    if domain.codes:
        return list(domain.codes)
    ends = (end for end in (domain.low, domain.high) if end is not None)
    tries = {*marks, *ends, Fraction()}
    if domain.whole:
        tries |= {Fraction(n) for m in tries for n in (floor(m) - 1, floor(m), ceil(m), ceil(m) + 1)}
    else:
        tries |= {m + d for m in tries for d in (-_BESIDE, _BESIDE)}
    tries |= {floor(min(tries)) - _FAR, ceil(max(tries)) + _FAR}
    return sorted(v for v in tries if domain.holds(v))
