"""A year scored: items, totals, places, grades, in the order of steps that the scheme lists.

A pure function of the year's folder and the facts: no clock, no database, no order of rows decides anything. Numbers of
the unit alone come first, then those beside its peers. What the sums promise (blocks are their items, totals their parts,
every unit one place) is checked by `invariants.py` on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, partial

from flows.score.engine import bonus, ranking
from flows.score.engine.facts import Facts
from flows.score.engine.gates import add_unread_vetoes, gate_hits
from flows.score.engine.invariants import check_invariants
from flows.score.engine.item_scores import ItemPoints, ItemScorer, block_points, clip
from flows.score.engine.result import GateHit, ItemScore, Scored, ScoringFinding, UnitResult
from flows.score.engine.rounding import half_up
from flows.score.engine.rule_context import AS_COUNTED, BoundSide
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Effect, Gate, Item

_ZERO = Fraction(0)
_LAST = 10**6  # place of a unit that has none


@dataclass
class RunningTotal:
    """A unit on its way through the steps; `placed` is what its place is made from: the total at that step, then what
    breaks ties."""

    unit: str
    base: Fraction = _ZERO
    rescale: Fraction = Fraction(1)
    bonus: Fraction = _ZERO
    deduction: Fraction = _ZERO
    total: Fraction = _ZERO
    placed: tuple[Fraction, ...] = ()
    void: frozenset[str] = frozenset()
    effects: list[Effect] = field(default_factory=list)
    hits: list[GateHit] = field(default_factory=list)

    @property
    def is_zeroed(self) -> bool:
        """Whether a gate made the total zero, whatever is added later."""
        return any(effect.zero_score for effect in self.effects)

    @property
    def raw(self) -> Fraction:
        """The total before it is rounded."""
        return self.base + self.bonus - self.deduction

    def moved(self, by: Fraction | None, by_rounded: Fraction) -> RunningTotal:
        """The same unit with more or less points after rounding, and before it where its place is made from that (else
        None); its ties are broken as before."""
        if self.is_zeroed:
            return self
        total = self.total + by_rounded
        first = total if by is None and self.placed[0] is self.total else self.placed[0] + (by or by_rounded)
        placed = (first, *self.placed[1:])
        parts = (self.base, self.rescale, self.bonus, self.deduction)
        return RunningTotal(self.unit, *parts, total, placed, self.void, self.effects, self.hits)


Totals = Mapping[str, RunningTotal]


def score(
    year: SchemeYear,
    facts: Facts,
    directions: Mapping[str, str] | None = None,
    on: date | None = None,
) -> Scored:
    """The scored year.

    Args:
        year: the scheme's folder; one that the linter finds errors in is for the caller to refuse.
        facts: what is known about the year.
        directions: indicator → up, down or none; default: as the indicators say.
        on: targets in effect by that day; None: all that are written.

    Returns:
        Points, places and grades of every unit, with everything needed to explain them.

    Raises:
        ContractError: a unit has no group.
        AssessmentError: items need each other's points, or a sum does not hold.
    """
    return YearScoring(ScoringContext(year, facts, directions, on=on)).scored()


class YearScoring:
    """One scoring of one context. What-if and bounds run the same steps over other points, bonus and gates."""

    def __init__(self, context: ScoringContext) -> None:
        self.context = context
        self.scheme = context.year.scheme
        self.scorer = ItemScorer(context)
        self.bonus_entries = bonus.bonus_entries(context)
        self.deducted, self.notices = bonus.deductions(context, self.scorer)

    def scored(self) -> Scored:
        """Run the steps, then say what came of them."""
        context = self.context
        add_unread_vetoes(context)
        context.add_unassessed_records()
        totals = {unit: self.run_steps(unit) for unit in context.units}
        ranks = self.ranks(totals)
        grades = self.grades(totals, ranks)
        items = tuple(s for u, t in totals.items() for s in self._item_scores(u, t.void))
        results = tuple(self._result(t, ranks[t.unit], grades[t.unit], items) for t in totals.values())
        zeroed = {unit for unit, total in totals.items() if total.is_zeroed}
        check_invariants(context, items, results, self.bonus_entries, zeroed)
        rulings = self.scorer.ruled_adjustments()
        adjustments = [*context.adjustments, *self.notices, *rulings]
        return Scored(
            items=items,
            results=results,
            figures=tuple(sorted(context.figures.values(), key=lambda f: (f.unit, f.key.order))),
            adjustments=tuple(sorted(adjustments, key=lambda a: (a.unit, a.kind, a.address))),
            bonus=tuple(self.bonus_entries),
            gates=tuple(hit for total in totals.values() for hit in total.hits),
            findings=context.sorted_findings(),
        )

    # -- steps

    def run_steps(self, unit: str) -> RunningTotal:
        """The steps of one unit: all that needs no other unit's total."""
        total = RunningTotal(unit)
        for position, step in enumerate(self.scheme.order):
            if step == "gates":
                self.apply_gates(total)
                self._void(total, position)
            elif step == "rank":
                points = partial(self.points, unit, void=total.void)
                total.placed = (total.total, *self.tie_breaks(total, points))
            else:
                self._step(step, total)
        return total

    def _step(self, step: str, total: RunningTotal) -> None:
        match step:
            case "items":
                total.base = self.base(total.unit, total.void)
                total.total = total.base
            case "rescale":
                total.rescale = self.rescale(total.unit)
                total.base *= total.rescale
                total.total = total.raw
            case "bonus":
                total.bonus = self.bonus_of(total.unit)
                total.total += total.bonus
            case "deductions":
                total.deduction = self.deducted[total.unit]
                total.total -= total.deduction
            case "round":
                total.total = half_up(total.total, self.scheme.rounding.total)
        if total.is_zeroed:
            total.total = _ZERO

    def base(self, unit: str, void: frozenset[str]) -> Fraction:
        """Sum of the top items, those that are void counting nothing."""
        return sum((self.points(unit, item, void) or _ZERO for item in self.scheme.items), start=_ZERO)

    def points(self, unit: str, item: Item, void: frozenset[str]) -> Fraction | None:
        """Points of an item after what is void."""
        if item.id in void:
            return _ZERO
        if item.rule is not None:
            return self.leaf_points(unit, item).points
        return block_points(item, [self.points(unit, inner, void) for inner in item.items])

    def leaf_points(self, unit: str, item: Item) -> ItemPoints:
        """What a leaf gives."""
        return self.scorer.points(unit, item)

    def rescale(self, unit: str) -> Fraction:
        """Full points of the unit's leaves over those that are not left out."""
        leaves = [(item, self.leaf_points(unit, item)) for item in self.scheme.leaves]
        whole = sum((Fraction(item.full) for item, p in leaves if p.policy != "none"), start=_ZERO)
        kept = sum((p.full for _, p in leaves if p.policy != "none"), start=_ZERO)
        if kept == 0:
            message = "该单位没有任何可计分的项目，请核对其组别和数据"
            self.context.add_finding(ScoringFinding("error", "nothing_left", message, unit))
            return Fraction(1)
        return whole / kept

    def bonus_of(self, unit: str) -> Fraction:
        """Bonus points of a unit within the caps."""
        return bonus.bonus_total((e for e in self.bonus_entries if e.unit == unit), self.scheme.bonus)

    # -- gates

    def apply_gates(self, total: RunningTotal) -> None:
        """Remember which gates hold and what follows."""
        for gate in self.scheme.gates:
            if self.holds(total.unit, gate):
                total.effects.append(gate.effect)
                total.hits += gate_hits(self.context, total.unit, gate)

    def holds(self, unit: str, gate: Gate, side: BoundSide = AS_COUNTED) -> bool:
        """Whether the condition of a gate holds for a unit."""
        return gate.if_.holds(self.scorer.rule_context(unit, None, gate.if_.inputs, side))[0]

    def _void(self, total: RunningTotal, position: int) -> None:
        """Void items are taken out of the sums again, by the steps so far; a score of zero is zero."""
        total.void = frozenset(item for effect in total.effects for item in effect.void)
        if total.void:
            total.bonus = total.deduction = _ZERO
            for step in self.scheme.order[:position]:
                self._step(step, total)
        if total.is_zeroed:
            total.total = _ZERO

    # -- places and grades

    def ranks(self, totals: Totals) -> dict[str, tuple[int, int]]:
        """(place in the group, place among all) of each unit."""
        placed = ranking.comparable({unit: total.placed for unit, total in totals.items()})
        overall = ranking.rank(placed, self.scheme.rank.ties)
        out: dict[str, tuple[int, int]] = {}
        for members in self.context.members.values():
            within = ranking.rank({u: placed[u] for u in members}, self.scheme.rank.ties)
            out |= {u: (within[u], overall[u]) for u in members}
        return out

    def tie_breaks(
        self, total: RunningTotal, points: Callable[[Item], Fraction | None]
    ) -> tuple[Fraction, ...]:
        """What decides among equal totals, in the scheme's order; larger wins. `points`: of an item of the unit."""
        out = []
        for by in self.scheme.rank.break_:
            if by == "base_points":
                out.append(total.base)
            elif by == "bonus_points":
                out.append(total.bonus)
            elif by == "past_rank":
                past = self.context.past.get((total.unit, self.context.year.year - 1))
                out.append(Fraction(-((past and past.overall_rank) or _LAST)))
            elif by == "decision":
                out.append(Fraction(-self.decided.get(total.unit, _LAST)))
            else:
                out.append(points(self.context.items[by.removeprefix("item:")]) or _ZERO)
        return tuple(out)

    @cached_property
    def decided(self) -> dict[str, int]:
        """Unit → place by a recorded decision; the latest recorded counts."""
        return {d.unit: d.place for d in sorted(self.context.facts.decisions, key=lambda d: d.address)}

    def grades(self, totals: Totals, ranks: Mapping[str, tuple[int, int]]) -> dict[str, str]:
        """Grades within the scope of the scheme; a tie at a last place that nobody decided is a finding."""
        out: dict[str, str] = {}
        for units in self.grade_scopes():
            places = {u: ranks[u][1 if self.scheme.grades.scope == "all" else 0] for u in units}
            grades, open_ties = ranking.grade(
                {u: totals[u].total for u in units},
                places,
                {u: totals[u].effects for u in units},
                self.scheme.grades,
                self.decided,
            )
            out |= grades
            for tied in open_ties:
                names = "、".join(self.context.facts.names.get(u, u) for u in tied)
                message = f"{names}并列于等次的最后名额，办法规定由会议裁定，请报送名次裁定登记表"
                for unit in tied:
                    self.context.add_finding(ScoringFinding("error", "tie_at_edge", message, unit))
        return out

    def grade_scopes(self) -> list[tuple[str, ...]]:
        """The sets of units that grades are given among."""
        return (
            [self.context.units] if self.scheme.grades.scope == "all" else list(self.context.members.values())
        )

    # -- what is handed over

    def _item_scores(self, unit: str, void: frozenset[str]) -> list[ItemScore]:
        """Scores of all items of a unit in the order of the scheme; blocks add up what is in them."""
        out: list[ItemScore] = []

        def walk(item: Item, is_void: bool) -> ItemScore:
            is_void = is_void or item.id in void
            if item.rule is not None:
                made = self.scorer.item_score(unit, item, is_void)
                out.append(made)
                return made
            position = len(out)
            inner = [walk(i, is_void) for i in item.items]
            made = _block_score(unit, item, inner, is_void)
            out.insert(position, made)
            return made

        for top in self.scheme.items:
            walk(top, False)
        return out

    def _result(
        self, total: RunningTotal, ranks: tuple[int, int], grade: str, items: tuple[ItemScore, ...]
    ) -> UnitResult:
        own = (s for s in items if s.unit == total.unit)
        return UnitResult(
            unit=total.unit,
            group=self.context.year.groups[total.unit],
            base=total.base,
            bonus=total.bonus,
            deduction=total.deduction,
            total=total.total,
            rescale=total.rescale,
            group_rank=ranks[0],
            overall_rank=ranks[1],
            grade=grade,
            open_items=tuple(s.item for s in own if s.points is None and s.policy != "none"),
        )


def _block_score(unit: str, item: Item, inner: Sequence[ItemScore], is_void: bool) -> ItemScore:
    """A block from the scores of its items; no part of the unit's scheme where none of them is."""
    if all(i.policy == "none" for i in inner):
        return ItemScore(unit, item.id, _ZERO, None, "not_applicable", policy="none")
    raw = sum((i.points for i in inner if i.points is not None), start=_ZERO)
    points = _ZERO if is_void else clip(raw, item)
    full = min(sum((i.full for i in inner), start=_ZERO), Fraction(item.full))
    return ItemScore(unit, item.id, full, points, "value" if points else "zero", raw=raw, is_void=is_void)
