"""What of a year is not settled yet, and which leaves it can move: undecided rows, appeals, events under appeal.

A leaf that reads none of it has the same points at every end, which is most of them: those are not worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from flows.score.ground import End, Ground
from flows.score.needed import keys_of_item
from flows.score.number import Ends
from flows.score.scheme import Item, Number

_ENDS: tuple[End, ...] = ("at", "low", "high")

#: (unit, indicator, period)
Slot: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class _Reads:
    """What the points of a leaf depend on, through other items too; `beside`: on other units as well."""

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
        self._reads: dict[str, _Reads] = {}
        self._moving = {
            (unit, key.indicator, key.period_id)
            for (unit, key), f in ground.figures.items()
            if f.lower != f.upper or f.lower != f.actual
        }
        self._open: set[Slot] = set()
        for (unit, key), figure in ground.facts.figures.items():
            now = ground.figures[unit, key]
            if figure.undecided and (now.lower is None or now.upper is None):
                self._open.add((unit, key.indicator, key.period_id))
        self._appealed = {(v.unit, v.condition) for v in ground.facts.vetoes if v.is_appealed}
        self.claims = self._claims()

    def ends(self, unit: str, item: Item) -> Iterator[Ends]:
        """The ends at which the points of a leaf may differ from those that count."""
        reads = self._of(item)
        family = self._family(unit)
        own = _ENDS if self._moves(family, reads) else ("at",)
        others = _ENDS if reads.is_beside and self._moves(self._everyone, reads) else ("at",)
        yield from (Ends(*pair) for pair in product(own, others) if pair != ("at", "at"))

    def is_open(self, unit: str, item: Item) -> bool:
        """Whether a figure it reads has undecided rows whose amounts nobody knows."""
        reads = self._of(item)
        units = self._everyone if reads.is_beside else self._family(unit)
        return bool(self._open) and any((u, *figure) in self._open for u in units for figure in reads.figures)

    def is_settled(self) -> bool:
        """Whether nothing can move a gate."""
        return not self._moving and not self._appealed

    @property
    def _everyone(self) -> tuple[str, ...]:
        return tuple(u for unit in self._ground.units for u in self._family(unit))

    def _family(self, unit: str) -> tuple[str, ...]:
        return (unit, *self._ground.facts.children.get(unit, ()))

    def _moves(self, units: tuple[str, ...], reads: _Reads) -> bool:
        return any((u, *figure) in self._moving for u in units for figure in reads.figures) or any(
            (u, condition) in self._appealed for u in units for condition in reads.vetoes
        )

    def _of(self, item: Item) -> _Reads:
        if item.id not in self._reads:
            self._reads[item.id] = self._found(item)
        return self._reads[item.id]

    def _found(self, item: Item) -> _Reads:
        numbers = [n for rule in (item.rule.walk() if item.rule else ()) for n in rule.numbers]
        figures = {(k.indicator, k.period_id) for k in keys_of_item(item, self._ground.year.year)}
        vetoes = {c for n in numbers for c in n.veto or ()}
        found = _Reads(frozenset(figures), frozenset(vetoes), self._is_beside(item, numbers))
        for number in numbers:
            for inner in self._ground.items[number.item].walk() if number.item else ():
                found = found.with_(self._of(inner)) if inner.rule else found
        return found

    def _is_beside(self, item: Item, numbers: list[Number]) -> bool:
        """Whether other units matter: by a number beside its peers, or a mean as policy."""
        scheme = self._ground.year.scheme
        policies = [scheme.policy(item, reason) for reason in type(item.missing).model_fields]
        means = ("group_mean", "applicable_mean")
        return any(t.is_peer for n in numbers for t in n.as_) or any(p in means for p in policies)

    def _claims(self) -> dict[tuple[str, str], Fraction | None]:
        """(unit, item) → points claimed by an appeal that is not decided; None where none were named."""
        found = {}
        for ruling in sorted(self._ground.facts.points_rulings, key=lambda r: r.address):
            item = self._ground.item_named(ruling.item)
            if item is not None and not ruling.is_decided:
                found[ruling.unit, item.id] = ruling.points
        return found
