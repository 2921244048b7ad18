"""Which figures a scheme can read: what the store has to hand over, and what a headroom or a pace can be about."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.facts import FigureKey
from flows.score.folder import SchemeYear
from flows.score.scheme import Item, Number, Rule, Transform, condition_numbers


def requirements(year: SchemeYear) -> tuple[FigureKey, ...]:
    """Every figure (indicator, category, period) the scheme can read, sorted; a tally's categories by name.

    Growth and change also read the same period one year earlier.
    """
    found: set[FigureKey] = set()
    for number, item, periods in _numbers(year):
        for period in periods:
            found |= set(keys_of(number, item, year.year, period))
    for item in year.scheme.leaves:
        for rule in item.rule.walk() if item.rule else ():
            if rule.tally is not None:
                named = keys_of(rule.tally.of, item, year.year, None)
                found |= {k._replace(category=c) for k in named for c in rule.tally.points}
    return tuple(sorted(found, key=lambda k: (k.indicator, k.category or "", k.period_id)))


def keys_of(number: Number, item: Item | None, year: int, period: str | None) -> Iterator[FigureKey]:
    """The figures one number reads; `period` is that of an `each` around it."""
    if number.weighted_by is not None:
        yield FigureKey(number.weighted_by, None, period_id(number, year, period))
    indicator = number.indicator or (item.indicator if item else None)
    if number.source != "indicator" or indicator is None:
        return
    yield FigureKey(indicator, number.category, period_id(number, year, period))
    if {Transform.GROWTH, Transform.CHANGE} & set(number.as_):
        yield FigureKey(indicator, number.category, period_id(number, year - 1, period))


def period_id(number: Number, year: int, period: str | None = None) -> str:
    """Id in ref.period: the template with the year filled in, years_back before."""
    template = period if period is not None and number.period == "{year}" else number.period
    return template.replace("{year}", str(year - number.years_back))


def _numbers(year: SchemeYear) -> Iterator[tuple[Number, Item | None, tuple[str | None, ...]]]:
    scheme = year.scheme
    for item in scheme.leaves:
        if item.rule is not None:
            yield from ((n, item, p) for n, p in _of_rule(item.rule, (None,)))
            if item.indicator is not None:
                yield Number(), item, (None,)
    for gate in scheme.gates:
        yield from ((n, None, (None,)) for n in condition_numbers(gate.if_))
    if scheme.deductions and scheme.deductions.factor:
        yield from ((n, None, p) for n, p in _of_rule(scheme.deductions.factor, (None,)))


def _of_rule(rule: Rule, periods: tuple[str | None, ...]) -> Iterator[tuple[Number, tuple[str | None, ...]]]:
    for number in rule.numbers:
        yield number, periods
    inner = rule.each.periods if rule.each else periods
    for part in rule.parts:
        yield from _of_rule(part, inner)
