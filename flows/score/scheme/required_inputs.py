"""Which figures a scheme can read: what the store has to hand over, and what a headroom or a pace can be about."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.engine.facts import FigureKey
from flows.score.rules.grammar import Input, Rule, Transform
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item, Scheme


def required_figures(year: SchemeYear) -> tuple[FigureKey, ...]:
    """Every figure (indicator, category, period) the scheme can read, sorted; a tally's categories by name.

    Growth and change also read the same period one year earlier.
    """
    scheme = year.scheme
    found: set[FigureKey] = set()
    for item in scheme.leaves:
        found |= {*keys_of(Input(), item, year.year, None), *keys_of_item(item, year.year)}
    for gate in scheme.gates:
        found |= {k for n in gate.if_.inputs for k in keys_of(n, None, year.year, None)}
    if scheme.deductions and scheme.deductions.factor:
        found |= set(_keys_of_rule(scheme.deductions.factor, None, year.year))
    return tuple(sorted(found, key=lambda k: (k.indicator, k.category or "", k.period_id)))


def leaves_read(scheme: Scheme) -> dict[str, frozenset[str]]:
    """Leaf → the leaves whose points its rule reads, those of a block by way of all that are in it."""
    inside = {item.id: [i.id for i in item.walk() if i.rule is not None] for item in scheme.walk()}
    return {
        leaf.id: frozenset(i for read in leaf.inputs for i in inside.get(read.item or "", ()))
        for leaf in scheme.leaves
    }


def keys_of_item(item: Item, year: int) -> Iterator[FigureKey]:
    """The figures the rule of a leaf reads."""
    if item.rule is not None:
        yield from _keys_of_rule(item.rule, item, year)


def keys_of(number: Input, item: Item | None, year: int, period: str | None) -> Iterator[FigureKey]:
    """The figures one number reads; `period` is that of an `each` around it."""
    if number.weighted_by is not None:
        yield FigureKey(number.weighted_by, None, period_id(number, year, period))
    indicator = number.indicator or (item.indicator if item else None)
    if number.source != "indicator" or indicator is None:
        return
    yield FigureKey(indicator, number.category, period_id(number, year, period))
    if {Transform.GROWTH, Transform.CHANGE} & set(number.as_):
        yield FigureKey(indicator, number.category, period_id(number, year - 1, period))


def period_id(number: Input, year: int, period: str | None = None) -> str:
    """Id in ref.period: the template with the year filled in, years_back before."""
    template = period if period is not None and number.period == "{year}" else number.period
    return template.replace("{year}", str(year - number.years_back))


def _keys_of_rule(
    rule: Rule, item: Item | None, year: int, periods: tuple[str | None, ...] = (None,)
) -> Iterator[FigureKey]:
    for period in periods:
        for number in rule.own_inputs:
            yield from keys_of(number, item, year, period)
        if rule.tally is not None:
            named = keys_of(rule.tally.of, item, year, period)
            yield from (key._replace(category=c) for key in named for c in rule.tally.points)
    for part in rule.parts:
        yield from _keys_of_rule(part, item, year, rule.each.periods if rule.each else periods)
