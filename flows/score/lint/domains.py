"""Which values a number of a scheme can have: from its source, then through its transforms.

A rate that cannot exceed 1, a count that is whole, a rank that ends at the size of the largest group: only with these can
it be said that a band is never reached. Where nothing is known the domain is open, so that nothing is said in error.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from flows.contract.indicator import Indicator, Shape
from flows.score.lint.known_names import Known
from flows.score.lint.places import Standing, units_of
from flows.score.ranges.ranges import Domain, Domains
from flows.score.rules.grammar import Input, Transform
from flows.score.scheme.scheme_loader import SchemeYear

_WHOLE = (Shape.COUNT, Shape.DISTINCT, Shape.STOCK, Shape.EDITION, Shape.STREAK)
_SIGN = {"up": 1, "down": -1, "none": 0}
_ZERO, _ONE = Fraction(0), Fraction(1)


def domains(year: SchemeYear, known: Known, at: Standing | None) -> Domains:
    """The domain of each number as read by an item (or, without one, by a gate)."""

    def domain(number: Input) -> Domain:
        out = _of_source(year, known, number, at)
        if number.children:
            out = Domain(out.low, out.high, False, out.codes, out.better)
        for transform in number.as_:
            out = _through(year, number, at, transform, out)
        return out

    return domain


def _of_source(year: SchemeYear, known: Known, number: Input, at: Standing | None) -> Domain:
    if number.source == "indicator":
        name = number.indicator or (at.item.indicator if at else None)
        indicator = known.indicators.get(name or "")
        return _of_indicator(indicator) if indicator else Domain()
    if number.scores is not None:
        return Domain(_ZERO, _ONE, better=1)
    if number.opinion is not None:
        return Domain(codes=known.codes["rater_opinion"])
    if number.item is not None:
        item = next((i for i in year.scheme.walk() if i.id == number.item), None)
        if item is None:
            return Domain(better=1)
        least = None if item.least is None else Fraction(item.least)
        return Domain(least, Fraction(item.most), better=1)
    if number.past == "grade":
        return Domain(codes=known.codes["assessment_grade"])
    if number.past == "rank":
        return Domain(_ONE, None, True, better=-1)
    if number.past == "points":
        return Domain(better=1)
    return Domain(_ZERO, None, True, better=-1)  # late reports, veto events


def _of_indicator(indicator: Indicator) -> Domain:
    high = _ONE if indicator.is_rate and not indicator.above_one else None
    return Domain(_ZERO, high, indicator.shape in _WHOLE, better=_SIGN[indicator.direction])


def _through(
    year: SchemeYear, number: Input, at: Standing | None, transform: Transform, of: Domain
) -> Domain:
    """The domain after one transform. Places, positions and shares of the best are already turned to 'more is better'."""
    if transform is Transform.VALUE or of.codes:
        return of
    if transform is Transform.ATTAINMENT:
        targets = [t for t in _targets(year, number, at) if t > 0]
        high = of.high / min(targets) if of.high is not None and targets else None
        return Domain(_ZERO, _with(high, number), better=of.better)
    if transform in (Transform.SHARE_OF_BEST, Transform.POSITION):
        return Domain(_ZERO, _with(_ONE, number), better=1 if of.better else 0)
    if transform in (Transform.RANK, Transform.RANK_FROM_LAST):
        better = -1 if transform is Transform.RANK else 1
        return Domain(_ONE, Fraction(_peers(year, number, at)), True, better=better if of.better else 0)
    if transform is Transform.SHARE_OF_MEAN:
        return Domain(_ZERO, None, better=of.better)
    if transform is Transform.GROWTH:
        return Domain(None if of.low is None else -_ONE, None, better=of.better)
    spread = None if of.low is None or of.high is None else of.high - of.low
    if transform is Transform.EXCESS:
        targets = _targets(year, number, at)
        low = of.low - max(targets) if of.low is not None and targets else None
        high = of.high - min(targets) if of.high is not None and targets else None
        return Domain(low, high, better=of.better)
    whole = of.whole and transform is Transform.CHANGE
    return Domain(None if spread is None else -spread, spread, whole, better=of.better)


def _with(high: Fraction | None, number: Input) -> Fraction | None:
    """An end, moved out to the value that stands for a division by zero."""
    if high is None or number.undefined is None or number.undefined == "not_applicable":
        return high
    return max(high, Fraction(number.undefined))


def _targets(year: SchemeYear, number: Input, at: Standing | None) -> list[Fraction]:
    name = number.indicator or (at.item.indicator if at else None)
    units = set(units_of(year, at)) if at else set(year.groups)
    return [Fraction(t.target) for (unit, i), t in year.in_force().items() if i == name and unit in units]


def _peers(year: SchemeYear, number: Input, at: Standing | None) -> int:
    """How many units can be compared at most."""
    units = units_of(year, at) if at else list(year.groups)
    if number.peers == "all":
        return max(len(units), 1)
    return max(Counter(year.groups[u] for u in units).values(), default=1)
