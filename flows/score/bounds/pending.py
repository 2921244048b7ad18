"""What of a year is not settled yet, and which leaves and gates it can move: undecided rows, appeals, events under appeal.

A leaf that reads none of it has the same points at every end, which is most of them: those are not worked out again. After the closing
day nothing that was reported is decided any more; what the office owes (a ruling on an appeal, a bonus) still is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from flows.score.bounds.dependence import Dependence, Dependencies
from flows.score.engine.rule_context import BoundSide, Series
from flows.score.engine.scoring_context import End, ScoringContext
from flows.score.scheme.scheme_model import Gate, Item

_ENDS: tuple[End, ...] = ("at", "low", "high")

#: Series that are turned against each other in every combination; more of them are turned one by one.
_TOGETHER = 4

#: (unit, indicator, period)
_Slot: TypeAlias = tuple[str, str, str]


class Pending:
    """What is not settled in a context; `is_closed`: its closing day has passed."""

    def __init__(self, context: ScoringContext, is_closed: bool = False) -> None:
        self._context = context
        self._dependence = Dependence(context)
        self._moving: dict[_Slot, set[Series]] = defaultdict(set)
        self._open: set[_Slot] = set()
        appealed = {(c.unit, c.indicator) for c in context.facts.corrections if c.kind == "appealed"}
        for (unit, key), f in context.figures.items():
            if is_closed and (unit, key.indicator) not in appealed:
                continue
            slot, found = (unit, key.indicator, key.period_id), context.facts.figures.get((unit, key))
            if f.lower != f.upper or f.lower != f.actual:
                self._moving[slot].add((key.indicator, key.category))
            if found is not None and found.undecided and (f.lower is None or f.upper is None):
                self._open.add(slot)
        self._appealed = {(v.unit, v.condition) for v in context.facts.vetoes if v.is_appealed}
        self.claims = self._claims()
        self.disputed = {unit for unit, _ in (*appealed, *self._appealed, *self.claims)}

    def sides(self, unit: str, what: Item | Gate, policy: str | None = None) -> Iterator[BoundSide]:
        """The ends at which the points of a leaf, or whether a gate holds, may differ from what counts.

        `policy` is the one that gives this unit's points, if one does: a mean moves with those it is the mean of.
        """
        reads = self._dependence.of(what)
        own = self._turnable(self._dependence.family[unit], reads)
        others = self._turnable(self._dependence.others(unit, what, policy), reads)
        pairs = product(("at",) if own is None else _ENDS, ("at",) if others is None else _ENDS)
        turned = _turns(sorted((own or set()) | (others or set()), key=str))
        yield from (BoundSide(*pair, turn) for pair in pairs if pair != ("at", "at") for turn in turned)

    def is_open(self, unit: str, what: Item | Gate, policy: str | None = None) -> bool:
        """Whether a figure it reads has undecided rows whose amounts nobody knows."""
        if not self._open:
            return False
        reads = self._dependence.of(what)
        units = (*self._dependence.family[unit], *self._dependence.others(unit, what, policy))
        return any((u, *figure) in self._open for u in units for figure in reads.figures)

    def _turnable(self, units: tuple[str, ...], reads: Dependencies) -> set[Series] | None:
        """The series of these units that can move; None where nothing can, not even an event under appeal."""
        slots = ((u, *figure) for u in units for figure in reads.figures)
        found = {series for slot in slots if slot in self._moving for series in self._moving[slot]}
        is_appealed = any((u, condition) in self._appealed for u in units for condition in reads.vetoes)
        return found if found or is_appealed else None

    def _claims(self) -> dict[tuple[str, str], Fraction | None]:
        """(unit, item) → points claimed by an appeal that is not decided; None where none were named."""
        found = {}
        for ruling in sorted(self._context.facts.points_rulings, key=lambda r: r.address):
            item = self._context.item_named(ruling.item)
            if item is not None and not ruling.is_decided:
                found[ruling.unit, item.id] = ruling.points
        return found


def _turns(series: Sequence[Series]) -> list[frozenset[Series]]:
    """Which series to turn against the others: what is worst of one may be the best of another (more unions, fewer accidents)."""
    if len(series) > _TOGETHER:
        return [frozenset(), *(frozenset({one}) for one in series)]
    rest = series[1:]  # turning all but the first is what turning the first would be
    return [frozenset(chosen) for n in range(len(rest) + 1) for chosen in combinations(rest, n)]
