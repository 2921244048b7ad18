"""What of a year is not settled yet, and which leaves and gates it can move: undecided rows, appeals, events under appeal.

A leaf that reads none of it has the same points at every end, which is most of them: those are not worked out again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from flows.score.engine.facts import FigureKey
from flows.score.engine.rule_context import BoundSide, Series
from flows.score.engine.scoring_context import End, ScoringContext
from flows.score.scheme.required_inputs import figures_read
from flows.score.scheme.scheme_model import Gate, Item
from flows.score.sources.input import InputBase
from flows.score.sources.item import ItemInput
from flows.score.sources.veto import VetoInput

_ENDS: tuple[End, ...] = ("at", "low", "high")

#: Series that are turned against each other in every combination; more of them are turned one by one.
_TOGETHER = 4

#: (unit, indicator, period)
Slot: TypeAlias = tuple[str, str, str]


class Beside(IntEnum):
    """Which other units matter."""

    NONE = 0
    GROUP = 1
    ALL = 2


_OF_POLICY = {"group_mean": Beside.GROUP, "applicable_mean": Beside.ALL}


@dataclass(frozen=True)
class _Reads:
    """What points or a gate depend on, through other items too."""

    figures: frozenset[tuple[str, str]]  # (indicator, period)
    vetoes: frozenset[str]
    beside: Beside

    def with_(self, other: _Reads) -> _Reads:
        """Both together."""
        beside = max(self.beside, other.beside)
        return _Reads(self.figures | other.figures, self.vetoes | other.vetoes, beside)


class Unsettled:
    """What is not settled in a context."""

    def __init__(self, context: ScoringContext) -> None:
        self._context = context
        self._reads: dict[tuple[str, str], _Reads] = {}
        self._moving: dict[Slot, set[Series]] = defaultdict(set)
        self._open: set[Slot] = set()
        for (unit, key), f in context.figures.items():
            slot, found = (unit, key.indicator, key.period_id), context.facts.figures.get((unit, key))
            if f.lower != f.upper or f.lower != f.actual:
                self._moving[slot].add((key.indicator, key.category))
            if found is not None and found.undecided and (f.lower is None or f.upper is None):
                self._open.add(slot)
        self._appealed = {(v.unit, v.condition) for v in context.facts.vetoes if v.is_appealed}
        self._family = {u: (u, *context.facts.children.get(u, ())) for u in context.units}
        self.claims = self._claims()

    def ends(self, unit: str, what: Item | Gate, policy: str | None = None) -> Iterator[BoundSide]:
        """The ends at which the points of a leaf, or whether a gate holds, may differ from what counts.

        `policy` is the one that gives this unit's points, if one does: a mean moves with those it is the mean of.
        """
        reads = self._of(what)
        own = self._turnable(self._family[unit], reads)
        others = self._turnable(self._others(unit, reads, policy), reads)
        pairs = product(("at",) if own is None else _ENDS, ("at",) if others is None else _ENDS)
        turned = _turns(sorted((own or set()) | (others or set()), key=str))
        yield from (BoundSide(*pair, turn) for pair in pairs if pair != ("at", "at") for turn in turned)

    def is_open(self, unit: str, what: Item | Gate, policy: str | None = None) -> bool:
        """Whether a figure it reads has undecided rows whose amounts nobody knows."""
        if not self._open:
            return False
        reads = self._of(what)
        units = (*self._family[unit], *self._others(unit, reads, policy))
        return any((u, *figure) in self._open for u in units for figure in reads.figures)

    def _others(self, unit: str, reads: _Reads, policy: str | None) -> tuple[str, ...]:
        """The units that matter beside this one, with those below them."""
        beside = max(reads.beside, _OF_POLICY.get(policy or "", Beside.NONE))
        if beside is Beside.NONE:
            return ()
        members = self._context.members[self._context.year.groups[unit]]
        units = self._context.units if beside is Beside.ALL else members
        return tuple(u for member in units for u in self._family[member])

    def _turnable(self, units: tuple[str, ...], reads: _Reads) -> set[Series] | None:
        """The series of these units that can move; None where nothing can, not even an event under appeal."""
        slots = ((u, *figure) for u in units for figure in reads.figures)
        found = {series for slot in slots if slot in self._moving for series in self._moving[slot]}
        is_appealed = any((u, condition) in self._appealed for u in units for condition in reads.vetoes)
        return found if found or is_appealed else None

    def _of(self, what: Item | Gate) -> _Reads:
        key = (type(what).__name__, what.id)
        if key not in self._reads:
            self._reads[key] = self._of_leaf(what) if isinstance(what, Item) else self._of_gate(what)
        return self._reads[key]

    def _of_leaf(self, item: Item) -> _Reads:
        return self._of_numbers(item.inputs, figures_read(item, self._context.year.year))

    def _of_gate(self, gate: Gate) -> _Reads:
        return self._of_numbers(gate.if_.inputs, figures_read(gate, self._context.year.year))

    def _of_numbers(self, numbers: Sequence[InputBase], keys: Iterable[FigureKey]) -> _Reads:
        figures = frozenset((k.indicator, k.period_id) for k in keys)
        vetoes = frozenset(c for n in numbers if isinstance(n, VetoInput) for c in n.veto)
        peers = {n.peers for n in numbers if n.compares}
        beside = Beside.ALL if "all" in peers else Beside.GROUP if peers else Beside.NONE
        found = _Reads(figures, vetoes, beside)
        for number in numbers:
            for inner in self._context.items[number.item].walk() if isinstance(number, ItemInput) else ():
                if inner.rule is not None:
                    found = found.with_(replace(self._of(inner), beside=self._with_means(inner)))
        return found

    def _with_means(self, item: Item) -> Beside:
        """Which units an item matters with that another reads: its policy may be a mean for any of them."""
        scheme = self._context.year.scheme
        policies = (scheme.policy(item, reason) for reason in type(item.missing).model_fields)
        means = [_OF_POLICY[p] for p in policies if isinstance(p, str) and p in _OF_POLICY]
        return max(self._of(item).beside, *means, Beside.NONE)

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
