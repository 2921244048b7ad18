"""How sure a score is: points, place and grade with every undecided row out, and in.

A unit's own figures are put at one end and those of its peers at the other, because a place is worst when one's own
figure is low and the others' are high. The extremes of a rule are looked for at the ends of every figure it reads and at
those that count: rules are monotone in their figure (the linter reports those that are not).
Open are also bonus applications that are not decided, raters who have not scored, appeals on points, events under appeal. After the
closing day nothing undecided comes in any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from flows.score.bounds.pending import Unsettled
from flows.score.engine import bonus, ranking
from flows.score.engine.facts import Facts
from flows.score.engine.item_scores import ItemPoints, clip
from flows.score.engine.result import Scored, UnitResult
from flows.score.engine.scoring import Tally, Year
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Bounds:
    """Where a unit may stand. `items`: least and most points of each leaf and block; ranks are those in the group."""

    items: Mapping[str, tuple[Fraction, Fraction]]
    total_low: Fraction
    total_high: Fraction
    rank_best: int
    rank_worst: int
    grade_best: str
    grade_worst: str
    is_final: bool


def bounds(
    year: SchemeYear, facts: Facts, directions: Mapping[str, str] | None = None, on: date | None = None
) -> dict[str, Bounds]:
    """Bounds of each unit; `on` as in `score`. Final: one grade at both ends and nothing owed by a rater."""
    scoring = Year(ScoringContext(year, facts, directions, on=on))
    return bounds_of(scoring, scoring.scored())


def bounds_of(scoring: Year, scored: Scored) -> dict[str, Bounds]:
    """Bounds of a year that is scored already: what it worked out is not worked out again."""
    known_on, closing_on = scoring.context.facts.known_on, scoring.scheme.closing_on
    is_closed = known_on is not None and known_on > closing_on
    unsettled = None if is_closed else Unsettled(scoring.context)
    low, high = _Side(scoring, unsettled, is_high=False), _Side(scoring, unsettled, is_high=True)
    return {result.unit: _bounds(result, low, high) for result in scored.results}


def _bounds(result: UnitResult, low: _Side, high: _Side) -> Bounds:
    unit, spec = result.unit, low.scheme.grades
    names = [*(g.grade for g in spec.list_), spec.no_award]
    found = sorted(
        (_grade(unit, low, high, "drop"), result.grade, _grade(unit, high, low, "extend")), key=names.index
    )
    best, worst = _places(unit, low, high)
    totals = (low.tallies[unit].total, result.total, high.tallies[unit].total)
    items = {i.id: (low.points_of(unit, i), high.points_of(unit, i)) for i in low.scheme.walk()}
    return Bounds(
        {name: (min(ends), max(ends)) for name, ends in items.items()},
        min(totals),
        max(totals),
        min(best, result.group_rank),
        max(worst, result.group_rank),
        found[0],
        found[-1],
        found[0] == found[-1] and not result.open_items,
    )


def _grade(unit: str, own: _Side, others: _Side, edge: str) -> str:
    """Grade of a unit at one end while the others are at the other; an undecided tie goes as `edge` says."""
    spec, context = own.scheme.grades, own.context
    scope = context.units if spec.scope == "all" else context.members[context.year.groups[unit]]
    tallies = {u: (own if u == unit else others).tallies[u] for u in scope}
    ranks = ranking.rank({u: t.placed[0] for u, t in tallies.items()}, _breaks(tallies), own.scheme.rank)
    for tie in (spec.edge_tie, edge):
        found, open_ties = ranking.grade(
            {u: t.total for u, t in tallies.items()},
            ranks,
            {u: t.effects for u, t in tallies.items()},
            spec.model_copy(update={"edge_tie": tie}),
            own.decided,
        )
        if not any(unit in tied for _, tied in open_ties):
            break
    return found[unit]


def _breaks(tallies: Mapping[str, Tally]) -> dict[str, tuple[Fraction, ...]]:
    return {u: t.placed[1:] for u, t in tallies.items()}


def _places(unit: str, low: _Side, high: _Side) -> tuple[int, int]:
    """Best and worst place in the group. Dense places count the different totals before: as few and as many as can be."""
    context = low.context
    own = (low.tallies[unit].placed, high.tallies[unit].placed)
    others = [
        (low.tallies[u].placed, high.tallies[u].placed)
        for u in context.members[context.year.groups[unit]]
        if u != unit
    ]
    sure = [ends for ends in others if ends[0] > own[1]]
    possible = [ends for ends in others if ends[1] > own[0]]
    if low.scheme.rank.ties == "shared":
        return 1 + len(sure), 1 + len(possible)
    settled = {ends for ends in possible if ends[0] == ends[1]}
    moving = [ends for ends in possible if ends[0] != ends[1]]
    fewest, last = 0, None
    for ends in sorted(sure, key=lambda e: e[1]):
        if last is None or ends[0] > last:
            fewest, last = fewest + 1, ends[1]
    return 1 + fewest, 1 + len(settled) + len(moving)


class _Side(Year):
    """The year with each unit at its least (or most): the same steps over other points, other bonus and other gates."""

    def __init__(self, scoring: Year, unsettled: Unsettled | None, *, is_high: bool) -> None:
        self.context, self.scheme, self.leaves = scoring.context, scoring.scheme, scoring.leaves
        self.entries, self.taken, self.notices = scoring.entries, scoring.taken, scoring.notices
        self._unsettled = unsettled
        self._is_high = is_high
        self._chosen = {unit: self._choice(unit) for unit in self.context.units}
        self.tallies = {unit: self.tally(unit) for unit in self.context.units}

    def points_of(self, unit: str, item: Item) -> Fraction:
        """Points of an item at this end."""
        above = {i.id for i in self.context.above[item.id]}
        void = self.tallies[unit].void
        return _ZERO if above & void else self.points(unit, item, void) or _ZERO

    def given(self, unit: str, item: Item) -> ItemPoints:
        """What a leaf gives at this end."""
        return self._chosen[unit][item.id]

    def bonus_of(self, unit: str) -> Fraction:
        """Bonus with what is undecided granted up to its level, at the high end."""
        spec = self.scheme.bonus
        if spec is None or self._unsettled is None or not self._is_high:
            return super().bonus_of(unit)
        opened = [replace(e, counted=bonus.most_of(e, spec)) for e in self.entries if e.unit == unit]
        counted = bonus.highest(opened) if spec.highest_only else opened
        return bonus.bonus_total(((e.class_id, e.counted) for e in counted), spec)

    def look_at_gates(self, tally: Tally) -> None:
        """For the worst the gates that may hold, for the best those that must."""
        for gate in self.scheme.gates:
            found = [self.holds(tally.unit, gate)]
            if self._unsettled is not None:
                ends = self._unsettled.ends(tally.unit, gate)
                found += [self.holds(tally.unit, gate, e) for e in ends]
                found += [True, False] if self._unsettled.is_open(tally.unit, gate) else []
            if (all if self._is_high else any)(found):
                tally.effects.append(gate.effect)

    def _choice(self, unit: str) -> dict[str, ItemPoints]:
        """One candidate per leaf. Where leaving an item out is among them, what it is worth beside the others decides: the
        ratio of the whole is worked out again until the choice stands, which it does after a few rounds."""
        options = {i.id: list(self._candidates(unit, i)) for i in self.scheme.leaves}
        ratio = _ZERO
        chosen: dict[str, ItemPoints] = {}
        for _ in range(8):
            pick = max if self._is_high else min
            fresh = {
                name: pick(found, key=lambda g: ((g.points or _ZERO) - ratio * g.full, g.points or _ZERO))
                for name, found in options.items()
            }
            if fresh == chosen:
                break
            chosen = fresh
            full = sum((g.full for g in chosen.values()), start=_ZERO)
            ratio = sum((g.points or _ZERO for g in chosen.values()), start=_ZERO) / full if full else _ZERO
        return chosen

    def _candidates(self, unit: str, item: Item) -> Iterator[ItemPoints]:
        """What a leaf may give: as it counts, at the ends of its figures, as claimed, anything where it is open."""
        given = self.leaves.points(unit, item)
        yield given
        if given.policy == "none":
            return
        full = Fraction(item.full)
        anything = [replace(given, points=Fraction(p), full=full) for p in (item.least or 0, item.most)]
        if given.points is None:
            yield from anything
        if self._unsettled is None:
            return
        if (unit, item.id) in self._unsettled.claims:
            claimed = self._unsettled.claims[unit, item.id]
            yield from (
                anything if claimed is None else [replace(given, points=clip(claimed, item), full=full)]
            )
        if self.leaves.ruling(unit, item) is not None:
            return
        if self._unsettled.is_open(unit, item, given.policy):
            yield from anything
        for ends in self._unsettled.ends(unit, item, given.policy):
            yield self.leaves.points(unit, item, ends)
