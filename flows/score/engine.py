"""A year scored: items, totals, places, grades, in the order of steps that the scheme lists.

A pure function of the year's folder and the facts: no clock, no database, no order of rows decides anything. Numbers of
the unit alone come first, then those beside its peers. What the sums promise (blocks are their items, totals their parts, every
unit one place) is checked here on every run, not only in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from flows.score import bonus, ranking
from flows.score.facts import Address, Facts
from flows.score.folder import SchemeYear
from flows.score.ground import AssessmentError, Ground, half_up
from flows.score.leaf import Leaves, block, item_score
from flows.score.result import (
    Adjustment,
    BonusEntry,
    Finding,
    GateHit,
    ItemScore,
    Scored,
    UnitResult,
)
from flows.score.rule import Cell, holds
from flows.score.scheme import Effect, Gate, Item, condition_numbers

_ZERO = Fraction(0)


@dataclass
class Tally:
    """A unit on its way through the steps."""

    unit: str
    base: Fraction = _ZERO
    rescale: Fraction = Fraction(1)
    bonus: Fraction = _ZERO
    deduction: Fraction = _ZERO
    total: Fraction = _ZERO
    placed: tuple[Fraction, ...] = ()  # what its place is made from: the total at that step, then what breaks ties
    void: frozenset[str] = frozenset()
    effects: list[Effect] = field(default_factory=list)
    hits: list[GateHit] = field(default_factory=list)


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
    return Year(Ground(year, facts, directions, on=on)).scored()


class Year:
    """One scoring of one ground."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.scheme = ground.year.scheme
        self.leaves = Leaves(ground)
        self.entries: list[BonusEntry] = bonus.entries(ground)
        cells = {u: Cell(ground, self.leaves.numbers, u, None) for u in ground.units}
        self.taken, self.notices = bonus.deductions(ground, cells)

    def scored(self) -> Scored:
        """Run the steps, then say what came of them."""
        self._look_for_vetoes_without_gate()
        tallies = {u: self.tally(u) for u in self.ground.units}
        ranks = self.ranks(tallies)
        grades = self.grades(tallies, ranks)
        items = tuple(s for u, t in tallies.items() for s in self._item_scores(u, t.void))
        results = tuple(self._result(t, ranks[t.unit], grades[t.unit], items) for t in tallies.values())
        self._check(items, results)
        return Scored(
            items=items,
            results=results,
            figures=tuple(
                c for _, c in sorted(
                    self.ground.figures.items(),
                    key=lambda held: (held[0][0], held[0][1].indicator, held[0][1].category or "", held[0][1].period_id),
                )
            ),
            adjustments=self._adjustments(),
            bonus=tuple(self.entries),
            gates=tuple(hit for tally in tallies.values() for hit in tally.hits),
            findings=tuple(self.ground.findings[key] for key in sorted(self.ground.findings, key=_finding_order)),
        )  # fmt: skip

    # -- steps

    def tally(self, unit: str) -> Tally:
        """The steps of one unit: all that needs no other unit's total."""
        tally = Tally(unit)
        for at, step in enumerate(self.scheme.order):
            if step == "gates":
                self._look_at_gates(tally)
                self._apply(tally, at)
            elif step == "rank":
                tally.placed = (tally.total, *self.breaks(tally))
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

    def base(self, unit: str, void: frozenset[str]) -> Fraction:
        """Sum of the top items, those that are void counting nothing."""
        return sum((self._points(unit, i, void) or _ZERO for i in self.scheme.items), start=_ZERO)

    def _points(self, unit: str, item: Item, void: frozenset[str]) -> Fraction | None:
        if item.id in void:
            return _ZERO
        if item.rule is not None:
            return self.leaves.given(unit, item).points
        return block(item, [self._points(unit, inner, void) for inner in item.items])

    def rescale(self, unit: str) -> Fraction:
        """Full points of the unit's leaves over those that are not left out."""
        given = [(i, self.leaves.given(unit, i)) for i in self.scheme.leaves]
        whole = sum((Fraction(i.full) for i, g in given if g.policy != "none"), start=_ZERO)
        kept = sum((g.full for _, g in given if g.policy != "none"), start=_ZERO)
        if kept == 0:
            self.ground.find(
                Finding("error", "nothing_left", "该单位没有任何可计分的项目，请核对其组别和数据", unit)
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

    def _look_at_gates(self, tally: Tally) -> None:
        cell = Cell(self.ground, self.leaves.numbers, tally.unit, None)
        for gate in self.scheme.gates:
            is_true, _ = holds(gate.if_, cell)
            if is_true:
                tally.effects.append(gate.effect)
                tally.hits += self._hits(tally.unit, gate)

    def _hits(self, unit: str, gate: Gate) -> list[GateHit]:
        """One hit per effect, with the recorded events that a veto stands on."""
        conditions = {c for n in condition_numbers(gate.if_) for c in n.veto or ()}
        addresses: tuple[Address, ...] = tuple(
            sorted(
                v.address for v in self.ground.facts.vetoes if v.unit == unit and v.condition in conditions
            )
        )
        effect = gate.effect
        labels = [self.ground.items[i].label for i in effect.void if i in self.ground.items]
        named = (
            ("no_award", effect.no_award, ""), ("at_best", effect.at_best is not None, effect.at_best or ""),
            ("lower_one", effect.lower_one, ""), ("lowest", effect.lowest, ""),
            ("zero_score", effect.zero_score, ""), ("void", bool(effect.void), "、".join(labels)),
            ("claw_back", effect.claw_back is not None, self._years(effect.claw_back)),
        )  # fmt: skip
        return [GateHit(unit, gate.id, name, detail, addresses) for name, has, detail in named if has]

    def _years(self, back: int | None) -> str:
        return "、".join(str(self.ground.year.year - n) for n in range(1, (back or 0) + 1))

    def _apply(self, tally: Tally, at: int) -> None:
        """Void items are taken out of the sums again, by the steps so far; a score of zero is zero."""
        void = frozenset(i for effect in tally.effects for i in effect.void)
        if void:
            tally.void = void
            tally.bonus = tally.deduction = _ZERO
            for step in self.scheme.order[:at]:
                self._step(step, tally)
        if any(effect.zero_score for effect in tally.effects):
            tally.total = _ZERO

    def _look_for_vetoes_without_gate(self) -> None:
        read = [n for gate in self.scheme.gates for n in condition_numbers(gate.if_)]
        read += [
            n for i in self.scheme.leaves for rule in (i.rule.walk() if i.rule else ()) for n in rule.numbers
        ]
        named = {c for n in read for c in n.veto or ()}
        for event in sorted(self.ground.facts.vetoes, key=lambda v: (v.unit, v.address)):
            if event.condition not in named:
                message = "登记的否决情形在考核办法中没有对应的规定，未生效，请补充规定或核对情形"
                self.ground.find(
                    Finding("error", "veto_without_gate", message, event.unit, None, event.address)
                )

    # -- places and grades

    def ranks(self, tallies: Mapping[str, Tally]) -> dict[str, tuple[int, int]]:
        """(place in the group, place among all) of each unit."""
        totals = {u: t.placed[0] for u, t in tallies.items()}
        breaks = {u: t.placed[1:] for u, t in tallies.items()}
        overall = ranking.rank(totals, breaks, self.scheme.rank)
        out: dict[str, tuple[int, int]] = {}
        for members in self.ground.members.values():
            within = ranking.rank({u: totals[u] for u in members}, breaks, self.scheme.rank)
            out.update({u: (within[u], overall[u]) for u in members})
        return out

    def breaks(self, tally: Tally) -> tuple[Fraction, ...]:
        """What decides among equal totals, in the scheme's order; larger wins."""
        out = []
        for by in self.scheme.rank.break_:
            if by == "base_points":
                out.append(tally.base)
            elif by == "bonus_points":
                out.append(tally.bonus)
            elif by == "past_rank":
                past = self.ground.past.get((tally.unit, self.ground.year.year - 1))
                place = past.overall_rank if past else None
                out.append(Fraction(-place if place else -(10**6)))
            elif by == "decision":
                out.append(Fraction(-self.decided.get(tally.unit, 10**6)))
            else:
                item = self.ground.items[by.removeprefix("item:")]
                out.append(self._points(tally.unit, item, tally.void) or _ZERO)
        return tuple(out)

    @property
    def decided(self) -> dict[str, int]:
        """Unit → place by a recorded decision; the latest recorded counts."""
        return {d.unit: d.place for d in sorted(self.ground.facts.decisions, key=lambda d: d.address)}

    def grades(self, tallies: Mapping[str, Tally], ranks: Mapping[str, tuple[int, int]]) -> dict[str, str]:
        """Grades within the scope of the scheme; a tie at a last place that nobody decided is a finding."""
        spec = self.scheme.grades
        scopes = [self.ground.units] if spec.scope == "all" else list(self.ground.members.values())
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
                names = "、".join(self.ground.facts.names.get(u, u) for u in tied)
                message = f"{names}并列于等次的最后名额，办法规定由会议裁定，请报送名次裁定登记表"
                for unit in tied:
                    self.ground.find(Finding("error", "tie_at_edge", message, unit))
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
            points = _ZERO if is_void else block(item, [i.points for i in inner])
            full = min(sum((i.full for i in inner), start=_ZERO), Fraction(item.full))
            made = ItemScore(unit, item.id, full, points, "value" if points else "zero", is_void=is_void)
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
            tally.unit, self.ground.year.groups[tally.unit], tally.base, tally.bonus, tally.deduction, tally.total,
            tally.rescale, *ranks, grade, open_items,
        )  # fmt: skip

    def _adjustments(self) -> tuple[Adjustment, ...]:
        ruled = [
            found
            for unit in self.ground.units
            for item in self.scheme.leaves
            if (found := self.leaves.ruled_adjustment(unit, item)) is not None
        ]
        made = [*self.ground.adjustments, *self.notices, *ruled]
        return tuple(sorted(made, key=lambda a: (a.unit, a.kind, a.address)))

    def _check(self, items: tuple[ItemScore, ...], results: tuple[UnitResult, ...]) -> None:
        """The identities that make a score add up; a breach is a fault of ours and stops the run."""
        by_unit: dict[str, dict[str, ItemScore]] = {u: {} for u in self.ground.units}
        for s in items:
            by_unit[s.unit][s.item] = s
        for result in results:
            held = by_unit[result.unit]
            for item in self.scheme.walk():
                if item.items and not held[item.id].is_void:
                    parts = block(item, [held[i.id].points for i in item.items])
                    if held[item.id].points != parts:
                        raise AssessmentError(f"{result.unit}: block {item.id} is not the sum of its items")
                if item.rule is not None and held[item.id].points is not None:
                    points = held[item.id].points or _ZERO
                    low = Fraction(item.least or 0)
                    if not held[item.id].is_void and not low <= points <= Fraction(item.most):
                        raise AssessmentError(
                            f"{result.unit}: item {item.id} is outside of its cap and floor"
                        )
            base = sum((held[i.id].points or _ZERO for i in self.scheme.items), start=_ZERO)
            if base * result.rescale != result.base:
                raise AssessmentError(f"{result.unit}: the base is not the sum of its items")
            total = result.base + result.bonus - result.deduction
            places = self.scheme.rounding.total
            if result.total not in (_ZERO, total, half_up(total, places)):
                raise AssessmentError(f"{result.unit}: the total is not base and bonus less deductions")
        if sorted(r.unit for r in results) != list(self.ground.units):
            raise AssessmentError("not every unit has one result")


def _finding_order(key: tuple[str, str | None, str | None, str]) -> tuple[str, str, str, str]:
    return (key[0], key[1] or "", key[2] or "", key[3])
