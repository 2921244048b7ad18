"""A year scored again and again with other figures of one unit, without working out what those cannot touch.

The engine does the scoring; this only knows which leaves read which indicator, and keeps the rest. An attempt gives the same as
`score` of the moved facts (tested), in a tenth of the time: what a search needs. What is offered in the end is scored in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flows.score.engine.facts import Facts
from flows.score.engine.scoring import Tally, Year
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Scheme
from flows.score.sources.item import ItemInput
from flows.score.whatif.increment import Lever, moved

#: Levers and how many further records of each.
Moves = tuple[tuple[Lever, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands: points, places, grade."""

    points: Fraction
    group_rank: int
    overall_rank: int
    grade: str


class Attempts:
    """One unit of a scored year, to be tried out."""

    def __init__(
        self, year: SchemeYear, facts: Facts, unit: str, directions: Mapping[str, str] | None = None
    ) -> None:
        self.facts, self.unit = facts, unit
        self.scheme = year.scheme
        self._base = Year(ScoringContext(year, facts, directions))
        self.tallies = {u: self._base.tally(u) for u in self._base.context.units}
        self.now = self._standing(self.tallies)
        self.readers = readers(year.scheme)
        self._items = {item.id: item for item in year.scheme.leaves}
        self._gates_look_at_peers = any(n.compares for gate in year.scheme.gates for n in gate.if_.inputs)

    def alone(self, moves: Moves) -> Tally:
        """The unit's own steps after the moves."""
        return self._moved(moves, [self.unit]).tally(self.unit)

    def with_others_standing(self, own: Tally) -> Standing:
        """Where the unit would stand with these steps of its own, if no other unit's points changed by it."""
        return self._standing({**self.tallies, self.unit: own})

    def standing(self, moves: Moves) -> Standing:
        """Where the unit stands after the moves. Others keep their figures, not always their points: some rules compare."""
        other = self._moved(moves, self._base.context.units)
        touched = {self.unit}
        for leaf in self._touched(moves):
            item = self._items[leaf]
            touched |= {u for u in self.tallies if other.given(u, item) != self._base.given(u, item)}
        if self._gates_look_at_peers:
            touched = set(self.tallies)
        return self._standing(self.tallies | {u: other.tally(u) for u in touched})

    def compares(self, lever: Lever) -> bool:
        """Whether a rule that the lever moves looks at other units, so that their points may change by it."""
        leaves = self.readers[lever.indicator.indicator]
        return any(n.compares for leaf in leaves for n in self._items[leaf].inputs)

    def meets(self, lever: Lever) -> frozenset[str]:
        """Where the lever's points may do more, or less, beside another's: its leaves, capped blocks above them, gates."""
        leaves = self.readers[lever.indicator.indicator]
        context = self._base.context
        blocks = {
            b.id
            for leaf in leaves
            for b in context.above[leaf]
            if b.items and b.most < sum(i.most for i in b.items)
        }
        gates = {
            f"gate:{gate.id}"
            for gate in self.scheme.gates
            for n in gate.if_.inputs
            if n.indicator_for(None) == lever.indicator.indicator
            or (
                isinstance(n, ItemInput)
                and any(context.items[n.item] in context.above[leaf] for leaf in leaves)
            )
        }
        return leaves | blocks | gates

    def _touched(self, moves: Moves) -> set[str]:
        return {leaf for lever, _ in moves for leaf in self.readers[lever.indicator.indicator]}

    def _moved(self, moves: Moves, units: Iterable[str]) -> Year:
        facts = self.facts
        for lever, records in moves:
            facts = moved(facts, self.unit, lever, records)
        other = Year(self._base.context.with_figures(self.unit, facts))
        other.leaves.keep(self._base.leaves, {(u, leaf) for u in units for leaf in self._touched(moves)})
        return other

    def _standing(self, tallies: Mapping[str, Tally]) -> Standing:
        ranks = self._base.ranks(tallies)
        grade = self._base.grades(tallies, ranks)[self.unit]
        return Standing(tallies[self.unit].total, *ranks[self.unit], grade)


def readers(scheme: Scheme) -> Mapping[str, frozenset[str]]:
    """Indicator → leaves whose points can depend on it, also by way of another item's points."""
    direct: dict[str, set[str]] = defaultdict(set)
    by_item: dict[str, set[str]] = defaultdict(set)
    leaves_in = {item.id: {i.id for i in item.walk() if i.rule is not None} for item in scheme.walk()}
    for leaf in scheme.leaves:
        for one in leaf.inputs:
            if isinstance(one, ItemInput):
                for read in leaves_in.get(one.item, ()):
                    by_item[read].add(leaf.id)
            for indicator in (one.indicator_for(leaf.indicator), one.weighted_by):
                if indicator is not None:
                    direct[indicator].add(leaf.id)
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for indicator, leaves in direct.items():
        reached: set[str] = set()
        while new := leaves - reached:
            reached |= new
            leaves = {reader for leaf in new for reader in by_item[leaf]}
        found[indicator] = frozenset(reached)
    return found
