"""How sure a score is: points, place and grade with every undecided row out, and in.

A unit's own figures are put at one end and those of its peers at the other, because a place is worst when one's own
figure is low and the others' are high. The extremes of a rule are looked for at the ends of every figure it reads and at
those that count: rules are monotone in their figure (the linter reports those that are not). Open are also bonus
applications that are not decided, raters who have not scored, appeals on points, events under appeal. After the closing
day nothing undecided comes in any more; what the office has not ruled stays open until it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from flows.score.bounds.pending import Pending
from flows.score.engine import bonus, ranking
from flows.score.engine.item_scores import ItemPoints, clip
from flows.score.engine.result import Scored, UnitResult
from flows.score.engine.scoring import RunningTotal, YearScoring
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


def bounds(scoring: YearScoring, scored: Scored) -> dict[str, Bounds]:
    """Bounds of each unit of a scored year: what it worked out is not worked out again.

    Final: one grade at both ends, nothing owed by a rater, and no appeal without a ruling.
    """
    known_on, closing_on = scoring.context.facts.known_on, scoring.scheme.closing_on
    is_closed = known_on is not None and known_on > closing_on
    pending = Pending(scoring.context, is_closed)
    low, high = _Side(scoring, pending, is_high=False), _Side(scoring, pending, is_high=True)
    return {result.unit: _bounds(result, low, high) for result in scored.results}


def _bounds(result: UnitResult, low: _Side, high: _Side) -> Bounds:
    unit, spec = result.unit, low.scheme.grades
    names = [*(g.grade for g in spec.list_), spec.no_award]
    grades = (_grade(unit, low, high, "drop"), result.grade, _grade(unit, high, low, "extend"))
    best_grade, *_, worst_grade = sorted(grades, key=names.index)
    best, worst = _places(unit, low, high)
    totals = (low.totals[unit].total, result.total, high.totals[unit].total)
    items = {i.id: sorted((low.points_of(unit, i), high.points_of(unit, i))) for i in low.scheme.walk()}
    return Bounds(
        items={name: (least, most) for name, (least, most) in items.items()},
        total_low=min(totals),
        total_high=max(totals),
        rank_best=min(best, result.group_rank),
        rank_worst=max(worst, result.group_rank),
        grade_best=best_grade,
        grade_worst=worst_grade,
        is_final=best_grade == worst_grade and not result.open_items and unit not in low.pending.disputed,
    )


def _grade(unit: str, own: _Side, others: _Side, edge: str) -> str:
    """Grade of a unit at one end while the others are at the other; an undecided tie goes as `edge` says."""
    spec = own.scheme.grades
    scope = next(units for units in own.grade_scopes() if unit in units)
    totals = {u: (own if u == unit else others).totals[u] for u in scope}
    ranks = ranking.rank(ranking.comparable({u: t.placed for u, t in totals.items()}), own.scheme.rank.ties)
    for tie in (spec.edge_tie, edge):
        grades, open_ties = ranking.grade(
            {u: t.total for u, t in totals.items()},
            ranks,
            {u: t.effects for u, t in totals.items()},
            spec.model_copy(update={"edge_tie": tie}),
            own.decided,
        )
        if not any(unit in tied for tied in open_ties):
            break
    return grades[unit]


def _places(unit: str, low: _Side, high: _Side) -> tuple[int, int]:
    """Best and worst place in the group. Dense places count the different totals before: as few and as many as can be."""
    context = low.context
    own_low, own_high = low.totals[unit].placed, high.totals[unit].placed
    others = [
        (low.totals[u].placed, high.totals[u].placed)
        for u in context.members[context.year.groups[unit]]
        if u != unit
    ]
    sure = [ends for ends in others if ends[0] > own_high]
    possible = [ends for ends in others if ends[1] > own_low]
    if low.scheme.rank.ties == "shared":
        return 1 + len(sure), 1 + len(possible)
    settled = {ends for ends in possible if ends[0] == ends[1]}
    moving = [ends for ends in possible if ends[0] != ends[1]]
    fewest, last = 0, None
    for ends in sorted(sure, key=lambda e: e[1]):
        if last is None or ends[0] > last:
            fewest, last = fewest + 1, ends[1]
    return 1 + fewest, 1 + len(settled) + len(moving)


class _Side(YearScoring):
    """The year with each unit at its least (or most): the same steps over other points, other bonus and other gates."""

    def __init__(self, scoring: YearScoring, pending: Pending, *, is_high: bool) -> None:
        vars(self).update(vars(scoring))
        self.pending = pending
        self._is_high = is_high
        self._chosen = {unit: self._choice(unit) for unit in self.context.units}
        self.totals = {unit: self.run_steps(unit) for unit in self.context.units}

    def points_of(self, unit: str, item: Item) -> Fraction:
        """Points of an item at this end."""
        above = {i.id for i in self.context.above[item.id]}
        void = self.totals[unit].void
        return _ZERO if above & void else self.points(unit, item, void) or _ZERO

    def leaf_points(self, unit: str, item: Item) -> ItemPoints:
        """What a leaf gives at this end."""
        return self._chosen[unit][item.id]

    def bonus_of(self, unit: str) -> Fraction:
        """Bonus with what is undecided granted up to its level, at the high end."""
        spec = self.scheme.bonus
        if spec is None or not self._is_high:
            return super().bonus_of(unit)
        own = (e for e in self.bonus_entries if e.unit == unit)
        return bonus.bonus_total(bonus.with_undecided(own, spec), spec)

    def apply_gates(self, total: RunningTotal) -> None:
        """For the worst the gates that may hold, for the best those that must."""
        for gate in self.scheme.gates:
            sides = self.pending.sides(total.unit, gate)
            outcomes = [self.holds(total.unit, gate), *(self.holds(total.unit, gate, side) for side in sides)]
            outcomes += [True, False] if self.pending.is_open(total.unit, gate) else []
            if (all if self._is_high else any)(outcomes):
                total.effects.append(gate.effect)

    def _choice(self, unit: str) -> dict[str, ItemPoints]:
        """One candidate per leaf. Where leaving an item out is among them, what it is worth beside the others decides: the
        ratio of the whole is worked out again until the choice stands, which it does after a few rounds."""
        options = {i.id: list(self._candidates(unit, i)) for i in self.scheme.leaves}
        pick = max if self._is_high else min
        ratio = _ZERO
        chosen: dict[str, ItemPoints] = {}
        for _ in range(8):
            fresh = {
                name: pick(
                    candidates, key=lambda p: ((p.points or _ZERO) - ratio * p.full, p.points or _ZERO)
                )
                for name, candidates in options.items()
            }
            if fresh == chosen:
                break
            chosen = fresh
            full = sum((p.full for p in chosen.values()), start=_ZERO)
            ratio = sum((p.points or _ZERO for p in chosen.values()), start=_ZERO) / full if full else _ZERO
        return chosen

    def _candidates(self, unit: str, item: Item) -> Iterator[ItemPoints]:
        """What a leaf may give: as it counts, at the ends of its figures, as claimed, anything where it is open."""
        counted = self.scorer.points(unit, item)
        yield counted
        if counted.policy == "none":
            return
        full = Fraction(item.full)
        anything = [replace(counted, points=Fraction(p), full=full) for p in (item.least or 0, item.most)]
        if counted.points is None:
            yield from anything
        pending = self.pending
        if (unit, item.id) in pending.claims:
            claimed = pending.claims[unit, item.id]
            if claimed is None:
                yield from anything
            else:
                yield replace(counted, points=clip(claimed, item), full=full)
        if self.scorer.ruling(unit, item) is not None:
            return
        if pending.is_open(unit, item, counted.policy):
            yield from anything
        for side in pending.sides(unit, item, counted.policy):
            yield self.scorer.points(unit, item, side)
