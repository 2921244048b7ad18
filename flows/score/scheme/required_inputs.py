"""Which figures a scheme can read: what the store has to hand over, and what a headroom or a pace can be about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from flows.score.engine.facts import FigureKey
from flows.score.rules import Rule
from flows.score.rules.combined.per_period import PerPeriod
from flows.score.rules.per_record import PerRecord
from flows.score.rules.rule import walk
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Gate, Item, Scheme
from flows.score.sources.indicator import IndicatorInput
from flows.score.sources.input import InputBase
from flows.score.sources.item import ItemInput


def required_figures(year: SchemeYear) -> tuple[FigureKey, ...]:
    """Every figure (indicator, category, period) the scheme can read, sorted; categories of a rule per record by name.

    Growth and change also read the same period one year earlier.
    """
    scheme, own = year.scheme, IndicatorInput()
    found = {key for leaf in scheme.leaves for key in own.figure_keys(leaf.indicator, year.year, None)}
    found.update(figures_read(scheme, year.year))
    return tuple(sorted(found, key=lambda k: (k.indicator, k.category or "", k.period_id)))


def leaves_read(scheme: Scheme) -> dict[str, frozenset[str]]:
    """Leaf → the leaves whose points its rule reads, those of a block by way of all that are in it."""
    inside = {item.id: [i.id for i in item.walk() if i.rule is not None] for item in scheme.walk()}
    return {
        leaf.id: frozenset(
            i for read in leaf.inputs if isinstance(read, ItemInput) for i in inside.get(read.item, ())
        )
        for leaf in scheme.leaves
    }


def figures_read(node: Scheme | Item | Gate | Rule, year: int) -> Iterator[FigureKey]:
    """The figures that the rules and conditions in a part of a scheme read."""
    for place in walk(node):
        read, reader = place.node, place.above[-1] if place.above else None
        if not isinstance(read, InputBase):
            continue
        item, each = place.nearest(Item), place.nearest(PerPeriod)
        for period in each.periods if each else (None,):
            keys = list(read.figure_keys(item.indicator if item else None, year, period))
            yield from keys
            if isinstance(reader, PerRecord):
                yield from (k._replace(category=c) for k, c in product(keys, reader.points))
