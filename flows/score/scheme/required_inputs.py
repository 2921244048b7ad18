"""What a scheme, an item or a gate reads: which figures have to be handed over, which items are scored before which."""

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
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.input import InputBase
from flows.score.sources.item import ItemInput


def required_figures(year: SchemeYear) -> tuple[FigureKey, ...]:
    """Every figure (indicator, category, period) the scheme can read, sorted; categories of a rule per record by name.

    Growth and change also read the same period one year earlier.
    """
    scheme, own = year.scheme, IndicatorInput()
    found = {key for leaf in scheme.leaves for key in own.figure_keys(leaf.indicator, year.year, None)}
    found.update(figures_read(scheme, year.year))
    return tuple(sorted(found, key=lambda key: key.order))


def leaves_read(scheme: Scheme, what: Item | Gate) -> frozenset[str]:
    """The leaves whose points it reads, those of a block by way of all that are in it."""
    named = {read.item for read in what.inputs if isinstance(read, ItemInput)}
    blocks = (item for item in scheme.walk() if item.id in named)
    return frozenset(leaf.id for item in blocks for leaf in item.walk() if leaf.rule is not None)


def dependencies(scheme: Scheme) -> dict[str, frozenset[str]]:
    """Leaf → the leaves whose points can change its own, itself among them."""
    direct = {leaf.id: leaves_read(scheme, leaf) for leaf in scheme.leaves}
    reached: dict[str, frozenset[str]] = {}
    for leaf in direct:
        seen: frozenset[str] = frozenset()
        fresh = frozenset({leaf})
        while fresh := fresh - seen:
            seen |= fresh
            fresh = frozenset().union(*(direct[name] for name in fresh))
        reached[leaf] = seen
    return reached


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
