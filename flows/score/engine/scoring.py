"""A year scored: items, totals, places, grades, in the order of steps that the scheme lists.

A pure function of the year's folder and the facts: no clock, no database, no order of rows decides anything. Numbers of
the unit alone come first, then those beside its peers. What the sums promise (blocks are their items, totals their parts, every
unit one place) is checked by `balance.py` on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, partial

from flows.score.engine import bonus, ranking
from flows.score.engine.facts import Facts
from flows.score.engine.gates import find_unread_vetoes, hits
from flows.score.engine.invariants import check
from flows.score.engine.item_scores import ItemPoints, ItemScorer, block, clip, item_score
from flows.score.engine.result import (
    Adjustment,
    BonusEntry,
    GateHit,
    ItemScore,
    Scored,
    ScoringFinding,
    UnitResult,
)
from flows.score.engine.rule_context import AS_COUNTED, BoundSide
from flows.score.engine.scoring_context import ScoringContext, half_up
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Effect, Gate, Item

_ZERO = Fraction(0)
_LAST = 10**6  # place of a unit that has none


@dataclass
class Tally:
    """A unit on its way through the steps."""

    unit: str
    base: Fraction = _ZERO
    rescale: Fraction = Fraction(1)
    bonus: Fraction = _ZERO
    deduction: Fraction = _ZERO
    total: Fraction = _ZERO
    placed: tuple[
        Fraction, ...
    ] = ()  # what its place is made from: the total at that step, then what breaks ties
    void: frozenset[str] = frozenset()
    effects: list[Effect] = field(default_factory=list)
    hits: list[GateHit] = field(default_factory=list)

    @property
    def is_zeroed(self) -> bool:
        """Whether a gate made the total zero, whatever is added later."""
        return any(effect.zero_score for effect in self.effects)


def score(
    year: SchemeYear,
    facts: Facts,
    directions: Mapping[str, str] | None = None,
    on: date | None = None,
) -> Scored:
    """The scored year. `on`: targets in effect by that day (None: all that are written).

    Raises `ContractError` where a unit has no group, `AssessmentError` where items need each other's points or a sum
    does not hold.
    """
    return Year(ScoringContext(year, facts, directions, on=on)).scored()


class Year:
    """One scoring of one context."""

    def __init__(self, context: ScoringContext) -> None:
        self.context = context
        self.scheme = context.year.scheme
        self.leaves = ItemScorer(context)
        self.entries: list[BonusEntry] = bonus.entries(context)
        self.taken, self.notices = bonus.deductions(context, self.leaves)

    def scored(self) -> Scored:
        """Run the steps, then say what came of them."""
        find_unread_vetoes(self.context)
        self.context.find_unassessed()
        tallies = {u: self.tally(u) for u in self.context.units}
        ranks = self.ranks(tallies)
        grades = self.grades(tallies, ranks)
        items = tuple(s for u, t in tallies.items() for s in self._item_scores(u, t.void))
        results = tuple(self._result(t, ranks[t.unit], grades[t.unit], items) for t in tallies.values())
        check(self.context, items, results, self.entries, {u for u, t in tallies.items() if t.is_zeroed})
        return Scored(
            items=items,
            results=results,
            figures=tuple(
                c for _, c in sorted(
                    self.context.figures.items(),
                    key=lambda held: (held[0][0], held[0][1].indicator, held[0][1].category or "", held[0][1].period_id),
                )
            ),
            adjustments=self._adjustments(),
            bonus=tuple(self.entries),
            gates=tuple(hit for tally in tallies.values() for hit in tally.hits),
            findings=tuple(self.context.findings[key] for key in sorted(self.context.findings, key=_finding_order)),
        )  # fmt: skip

    # -- steps

    def tally(self, unit: str) -> Tally:
        """The steps of one unit: all that needs no other unit's total."""
        tally = Tally(unit)
        for at, step in enumerate(self.scheme.order):
            if step == "gates":
                self.look_at_gates(tally)
                self._apply(tally, at)
            elif step == "rank":
                points = partial(self.points, unit, void=tally.void)
                tally.placed = (tally.total, *self.breaks(tally, points))
            elif step != "grades":
                self._step(step, tally)
        return tally

    def _step(self, step: str, tally: Tally) -> None:
        unit = tally.unit
        match step:
            case "items":
                tally.base = self.base(unit, tally.void)
                tally.total = tally.base
            case "rescale":
                tally.rescale = self.rescale(unit)
                tally.base *= tally.rescale
                tally.total = tally.base + tally.bonus - tally.deduction
            case "bonus":
                tally.bonus = self.bonus_of(unit)
                tally.total += tally.bonus
            case "deductions":
                tally.deduction = self.taken[unit]
                tally.total -= tally.deduction
            case "round":
                tally.total = half_up(tally.total, self.scheme.rounding.total)
        if tally.is_zeroed:
            tally.total = _ZERO

    def base(self, unit: str, void: frozenset[str]) -> Fraction:
        """Sum of the top items, those that are void counting nothing."""
        return sum((self.points(unit, i, void) or _ZERO for i in self.scheme.items), start=_ZERO)

    def points(self, unit: str, item: Item, void: frozenset[str]) -> Fraction | None:
        """Points of an item after what is void."""
        if item.id in void:
            return _ZERO
        if item.rule is not None:
            return self.given(unit, item).points
        return block(item, [self.points(unit, inner, void) for inner in item.items])

    def given(self, unit: str, item: Item) -> ItemPoints:
        """What a leaf gives."""
        return self.leaves.points(unit, item)

    def rescale(self, unit: str) -> Fraction:
        """Full points of the unit's leaves over those that are not left out."""
        given = [(i, self.given(unit, i)) for i in self.scheme.leaves]
        whole = sum((Fraction(i.full) for i, g in given if g.policy != "none"), start=_ZERO)
        kept = sum((g.full for _, g in given if g.policy != "none"), start=_ZERO)
        if kept == 0:
            self.context.add_finding(
                ScoringFinding(
                    "error", "nothing_left", "该单位没有任何可计分的项目，请核对其组别和数据", unit
                )
            )
            return Fraction(1)
        return whole / kept

    def bonus_of(self, unit: str) -> Fraction:
        """Bonus points of a unit within the caps."""
        if self.scheme.bonus is None:
            return _ZERO
        return bonus.bonus_total(
            ((e.class_id, e.counted) for e in self.entries if e.unit == unit), self.scheme.bonus
        )

    # -- gates

    def look_at_gates(self, tally: Tally) -> None:
        """Remember which gates hold and what follows."""
        for gate in self.scheme.gates:
            if self.holds(tally.unit, gate):
                tally.effects.append(gate.effect)
                tally.hits += hits(self.context, tally.unit, gate)

    def holds(self, unit: str, gate: Gate, side: BoundSide = AS_COUNTED) -> bool:
        """Whether the condition of a gate holds for a unit."""
        return gate.if_.holds(self.leaves.rule_context(unit, None, gate.if_.inputs, side))[0]

    def _apply(self, tally: Tally, at: int) -> None:
        """Void items are taken out of the sums again, by the steps so far; a score of zero is zero."""
        tally.void = frozenset(i for effect in tally.effects for i in effect.void)
        if tally.void:
            tally.bonus = tally.deduction = _ZERO
            for step in self.scheme.order[:at]:
                self._step(step, tally)
        if tally.is_zeroed:
            tally.total = _ZERO

    # -- places and grades

    def ranks(self, tallies: Mapping[str, Tally]) -> dict[str, tuple[int, int]]:
        """(place in the group, place among all) of each unit."""
        totals = {u: t.placed[0] for u, t in tallies.items()}
        breaks = {u: t.placed[1:] for u, t in tallies.items()}
        overall = ranking.rank(totals, breaks, self.scheme.rank)
        out: dict[str, tuple[int, int]] = {}
        for members in self.context.members.values():
            within = ranking.rank({u: totals[u] for u in members}, breaks, self.scheme.rank)
            out.update({u: (within[u], overall[u]) for u in members})
        return out

    def breaks(self, tally: Tally, points: Callable[[Item], Fraction | None]) -> tuple[Fraction, ...]:
        """What decides among equal totals, in the scheme's order; larger wins. `points`: of an item of the unit."""
        out = []
        for by in self.scheme.rank.break_:
            if by == "base_points":
                out.append(tally.base)
            elif by == "bonus_points":
                out.append(tally.bonus)
            elif by == "past_rank":
                past = self.context.past.get((tally.unit, self.context.year.year - 1))
                place = past.overall_rank if past else None
                out.append(Fraction(-place if place else -_LAST))
            elif by == "decision":
                out.append(Fraction(-self.decided.get(tally.unit, _LAST)))
            else:
                out.append(points(self.context.items[by.removeprefix("item:")]) or _ZERO)
        return tuple(out)

    @cached_property
    def decided(self) -> dict[str, int]:
        """Unit → place by a recorded decision; the latest recorded counts."""
        return {d.unit: d.place for d in sorted(self.context.facts.decisions, key=lambda d: d.address)}

    def grades(self, tallies: Mapping[str, Tally], ranks: Mapping[str, tuple[int, int]]) -> dict[str, str]:
        """Grades within the scope of the scheme; a tie at a last place that nobody decided is a finding."""
        spec = self.scheme.grades
        scopes = [self.context.units] if spec.scope == "all" else list(self.context.members.values())
        out: dict[str, str] = {}
        for units in scopes:
            found, open_ties = ranking.grade(
                {u: tallies[u].total for u in units},
                {u: ranks[u][1 if spec.scope == "all" else 0] for u in units},
                {u: tallies[u].effects for u in units},
                spec,
                self.decided,
            )
            out |= found
            for _, tied in open_ties:
                names = "、".join(self.context.facts.names.get(u, u) for u in tied)
                message = f"{names}并列于等次的最后名额，办法规定由会议裁定，请报送名次裁定登记表"
                for unit in tied:
                    self.context.add_finding(ScoringFinding("error", "tie_at_edge", message, unit))
        return out

    # -- what is handed over

    def _item_scores(self, unit: str, void: frozenset[str]) -> list[ItemScore]:
        """Scores of all items of a unit in the order of the scheme; blocks add up what is in them."""
        out: list[ItemScore] = []

        def walk(item: Item, is_void: bool) -> ItemScore:
            is_void = is_void or item.id in void
            if item.rule is not None:
                made = item_score(self.leaves, unit, item, frozenset({item.id}) if is_void else frozenset())
                out.append(made)
                return made
            at = len(out)
            inner = [walk(i, is_void) for i in item.items]
            made = _block_score(unit, item, inner, is_void)
            out.insert(at, made)
            return made

        for top in self.scheme.items:
            walk(top, False)
        return out

    def _result(
        self, tally: Tally, ranks: tuple[int, int], grade: str, items: tuple[ItemScore, ...]
    ) -> UnitResult:
        open_items = tuple(
            s.item for s in items if s.unit == tally.unit and s.points is None and s.policy != "none"
        )
        return UnitResult(
            tally.unit, self.context.year.groups[tally.unit], tally.base, tally.bonus, tally.deduction, tally.total,
            tally.rescale, *ranks, grade, open_items,
        )  # fmt: skip

    def _adjustments(self) -> tuple[Adjustment, ...]:
        ruled = [
            found
            for unit in self.context.units
            for item in self.scheme.leaves
            if (found := self.leaves.ruled_adjustment(unit, item)) is not None
        ]
        made = [*self.context.adjustments, *self.notices, *ruled]
        return tuple(sorted(made, key=lambda a: (a.unit, a.kind, a.address)))


def _finding_order(key: tuple[str, str | None, str | None, str]) -> tuple[str, str, str, str]:
    return (key[0], key[1] or "", key[2] or "", key[3])


def _block_score(unit: str, item: Item, inner: Sequence[ItemScore], is_void: bool) -> ItemScore:
    """A block from the scores of its items; no part of the unit's scheme where none of them is."""
    if all(i.policy == "none" for i in inner):
        return ItemScore(unit, item.id, _ZERO, None, "not_applicable", policy="none")
    raw = sum((i.points for i in inner if i.points is not None), start=_ZERO)
    points = _ZERO if is_void else clip(raw, item)
    full = min(sum((i.full for i in inner), start=_ZERO), Fraction(item.full))
    return ItemScore(unit, item.id, full, points, "value" if points else "zero", raw=raw, is_void=is_void)
