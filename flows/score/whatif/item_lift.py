"""What would lift an item: the fewest further records of a unit with which one item gives the most it can.

The other figures of the unit and all other units stand still. Nothing but the engine says what an item gives; a whole year is
scored once, then the one leaf for each number that is tried. It is a fact about the rule, not advice, and no path to a grade:
caps of blocks and places are not looked at (`path_to_grade` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flows.contract.indicator import Indicator, indicators
from flows.score.engine.facts import Facts
from flows.score.engine.item_scores import ItemScorer
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.required_inputs import figures_read, required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item
from flows.score.sources.figure import IndicatorInput
from flows.score.whatif.increment import Increment, increments, with_moves
from flows.score.whatif.smallest_passing import smallest_passing

#: Most further records that are looked at; more are nothing to be told.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class ItemLift:
    """With so many further records of an indicator an item gives so many more points, its most."""

    item: str
    increment: Increment
    records: int
    gain: Fraction


def item_lifts(
    year: SchemeYear, facts: Facts, known: Mapping[str, Indicator] | None = None
) -> Mapping[str, tuple[ItemLift, ...]]:
    """By unit, the lift of every item that further records move, the largest gain first, then the fewest records."""
    known = known or indicators()
    directions = {name: indicator.direction for name, indicator in known.items()}
    context = ScoringContext(year, facts, directions)
    scorer, keys = ItemScorer(context), required_figures(year)
    readers = _readers(year)
    found = {}
    for unit in context.units:
        offered, _ = increments(year, facts, unit, keys, known)
        best: dict[str, ItemLift] = {}
        for increment in offered:
            for item in readers.get(increment.indicator.indicator, ()):
                lift = _lift(scorer, unit, item, increment)
                if lift is not None and (item.id not in best or _order(lift) < _order(best[item.id])):
                    best[item.id] = lift
        found[unit] = tuple(sorted(best.values(), key=lambda lift: (*_order(lift), lift.item)))
    return found


def _order(lift: ItemLift) -> tuple[Fraction, int]:
    return -lift.gain, lift.records


def _lift(scorer: ItemScorer, unit: str, item: Item, increment: Increment) -> ItemLift | None:
    now = scorer.points(unit, item)
    most = increment.up_to(_MOST)
    if now.points is None or now.points >= item.most or not most or scorer.ruling(unit, item):
        return None
    context = scorer.context

    def points(records: int) -> Fraction:
        moved = context.with_figures(unit, with_moves(context.facts, unit, ((increment, records),)))
        return ItemScorer(moved).points(unit, item).points or Fraction(0)

    top = points(most)
    records = smallest_passing(lambda k: points(k) >= top, most) if top > now.points else None
    return None if records is None else ItemLift(item.id, increment, records, top - now.points)


def _readers(year: SchemeYear) -> Mapping[str, list[Item]]:
    """Indicator → the leaves whose rule reads it."""
    read: dict[str, list[Item]] = {}
    for leaf in year.scheme.leaves:
        for indicator in dict.fromkeys(_indicators(leaf, year.year)):
            read.setdefault(indicator, []).append(leaf)
    return read


def _indicators(leaf: Item, year: int) -> Iterator[str]:
    yield from (key.indicator for key in IndicatorInput().figure_keys(leaf.indicator, year, None))
    yield from (key.indicator for key in figures_read(leaf, year))
