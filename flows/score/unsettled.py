"""What of a year is not settled yet, and which leaves and gates it can move: undecided rows, appeals, events under appeal.

A leaf that reads none of it has the same points at every end, which is most of them: those are not worked out again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from flows.score.facts import FigureKey
from flows.score.ground import End, Ground
from flows.score.needed import keys_of, keys_of_item
from flows.score.number import Ends, Series
from flows.score.scheme import Gate, Item, Number, condition_numbers

_ENDS: tuple[End, ...] = ("at", "low", "high")

#: Series that are turned against each other in every combination; more of them are turned one by one.
_TOGETHER = 4

#: (unit, indicator, period)
Slot: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class _Reads:
    """What points or a gate depend on, through other items too; `is_beside`: on other units as well."""

    figures: frozenset[tuple[str, str]]  # (indicator, period)
    vetoes: frozenset[str]
    is_beside: bool

    def with_(self, other: _Reads) -> _Reads:
        """Both together."""
        is_beside = self.is_beside or other.is_beside
        return _Reads(self.figures | other.figures, self.vetoes | other.vetoes, is_beside)


class Unsettled:
    """What is not settled in a ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._reads: dict[tuple[str, str], _Reads] = {}
        self._moving: dict[Slot, set[Series]] = defaultdict(set)
        self._open: set[Slot] = set()
        for (unit, key), f in ground.figures.items():
            slot, found = (unit, key.indicator, key.period_id), ground.facts.figures.get((unit, key))
            if f.lower != f.upper or f.lower != f.actual:
                self._moving[slot].add((key.indicator, key.category))
            if found is not None and found.undecided and (f.lower is None or f.upper is None):
                self._open.add(slot)
        self._appealed = {(v.unit, v.condition) for v in ground.facts.vetoes if v.is_appealed}
        self._family = {u: (u, *ground.facts.children.get(u, ())) for u in ground.units}
        self._everyone = tuple(u for family in self._family.values() for u in family)
        self.claims = self._claims()

    def ends(self, unit: str, what: Item | Gate) -> Iterator[Ends]:
        """The ends at which the points of a leaf, or whether a gate holds, may differ from what counts."""
        reads = self._of(what)
        own = self._turnable(self._family[unit], reads)
        others = self._turnable(self._everyone, reads) if reads.is_beside else None
        pairs = product(("at",) if own is None else _ENDS, ("at",) if others is None else _ENDS)
        turned = _turns(sorted((own or set()) | (others or set()), key=str))
        yield from (Ends(*pair, turn) for pair in pairs if pair != ("at", "at") for turn in turned)

    def is_open(self, unit: str, what: Item | Gate) -> bool:
        """Whether a figure it reads has undecided rows whose amounts nobody knows."""
        reads = self._of(what)
        units = self._everyone if reads.is_beside else self._family[unit]
        return bool(self._open) and any((u, *figure) in self._open for u in units for figure in reads.figures)

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
        numbers = [n for rule in (item.rule.walk() if item.rule else ()) for n in rule.numbers]
        scheme = self._ground.year.scheme
        policies = [scheme.policy(item, reason) for reason in type(item.missing).model_fields]
        is_mean = any(p in ("group_mean", "applicable_mean") for p in policies)
        return self._of_numbers(numbers, keys_of_item(item, self._ground.year.year), is_mean)

    def _of_gate(self, gate: Gate) -> _Reads:
        numbers = condition_numbers(gate.if_)
        keys = (k for n in numbers for k in keys_of(n, None, self._ground.year.year, None))
        return self._of_numbers(numbers, keys, False)

    def _of_numbers(self, numbers: Sequence[Number], keys: Iterable[FigureKey], is_beside: bool) -> _Reads:
        figures = frozenset((k.indicator, k.period_id) for k in keys)
        vetoes = frozenset(c for n in numbers for c in n.veto or ())
        found = _Reads(figures, vetoes, is_beside or any(t.is_peer for n in numbers for t in n.as_))
        for number in numbers:
            for inner in self._ground.items[number.item].walk() if number.item else ():
                found = found.with_(self._of(inner)) if inner.rule else found
        return found

    def _claims(self) -> dict[tuple[str, str], Fraction | None]:
        """(unit, item) → points claimed by an appeal that is not decided; None where none were named."""
        found = {}
        for ruling in sorted(self._ground.facts.points_rulings, key=lambda r: r.address):
            item = self._ground.item_named(ruling.item)
            if item is not None and not ruling.is_decided:
                found[ruling.unit, item.id] = ruling.points
        return found


def _turns(series: Sequence[Series]) -> list[frozenset[Series]]:
    """Which series to turn against the others: what is worst of one may be the best of another (more unions, fewer accidents)."""
    if len(series) > _TOGETHER:
        return [frozenset(), *(frozenset({one}) for one in series)]
    rest = series[1:]  # turning all but the first is what turning the first would be
    return [frozenset(chosen) for n in range(len(rest) + 1) for chosen in combinations(rest, n)]
