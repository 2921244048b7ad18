"""How sure a score is: points, place and grade with every undecided row out, and in.

A unit's own figures are put at one end and those of its peers at the other, because a place is worst when one's own
figure is low and the others' are high. The extremes of a rule are looked for at the ends and at the figure that
counts: rules are monotone in their figure (the linter reports those that are not). Open are also bonus applications that are not
decided, raters who have not scored, appeals on points. After the closing day nothing undecided comes in any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import product

from flows.score import bonus, ranking
from flows.score.engine import Tally, Year
from flows.score.facts import Facts
from flows.score.folder import SchemeYear
from flows.score.ground import Ground, half_up
from flows.score.leaf import Given, block, clip, has_peers
from flows.score.needed import keys_of
from flows.score.number import AT, End, Ends
from flows.score.result import Counted
from flows.score.rule import Cell, holds
from flows.score.scheme import Effect, Item

_ZERO = Fraction(0)
_ENDS: tuple[End, ...] = ("at", "low", "high")


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


@dataclass(frozen=True)
class _Side:
    """One end of a unit: points of its items, its total, and the effects of the gates there."""

    items: Mapping[str, Fraction]
    tally: Tally


def bounds(
    year: SchemeYear, facts: Facts, directions: Mapping[str, str] | None = None, on: date | None = None
) -> dict[str, Bounds]:
    """Bounds of each unit; `on` as in `score`. Final: one grade at both ends and nothing owed by a rater."""
    scoring = Year(Ground(year, facts, directions, on=on))
    scored = scoring.scored()
    is_closed = facts.known_on is not None and facts.known_on > year.scheme.closing_on
    ends = _Ends(scoring, is_closed)
    low = {u: ends.side(u, is_high=False) for u in scoring.ground.units}
    high = {u: ends.side(u, is_high=True) for u in scoring.ground.units}
    names = [g.grade for g in year.scheme.grades.list_] + [year.scheme.grades.no_award]
    out = {}
    for result in scored.results:
        unit = result.unit
        worst_rank, worst = _standing(scoring, unit, low, high)
        best_rank, best = _standing(scoring, unit, high, low)
        found = sorted((worst, result.grade, best), key=names.index)
        out[unit] = Bounds(
            {i: (low[unit].items[i], high[unit].items[i]) for i in low[unit].items},
            low[unit].tally.total,
            high[unit].tally.total,
            min(best_rank, result.group_rank),
            max(worst_rank, result.group_rank),
            found[0],
            found[-1],
            found[0] == found[-1] and not result.open_items,
        )
    return out


def _standing(
    scoring: Year, unit: str, own: Mapping[str, _Side], others: Mapping[str, _Side]
) -> tuple[int, str]:
    """Place in the group and grade of a unit at one end while the others are at the other."""
    units = scoring.ground.units
    tallies = {u: (own if u == unit else others)[u].tally for u in units}
    members = scoring.ground.members[scoring.ground.year.groups[unit]]
    spec = scoring.scheme.grades
    scope = units if spec.scope == "all" else members
    ranks = dict.fromkeys(scope, 0)
    place = 0
    for among in {members, scope}:
        found = ranking.rank(
            {u: tallies[u].placed[0] for u in among},
            {u: tallies[u].placed[1:] for u in among},
            scoring.scheme.rank,
        )
        place = found[unit] if among == members else place
        ranks = found if among == scope else ranks
    grades, _ = ranking.grade(
        {u: tallies[u].total for u in scope},
        ranks,
        {u: tallies[u].effects for u in scope},
        spec,
        scoring.decided,
    )
    return place, grades[unit]


class _Ends:
    """Both ends of every unit."""

    def __init__(self, scoring: Year, is_closed: bool) -> None:
        self._scoring = scoring
        self._ground = scoring.ground
        self._is_closed = is_closed
        self._appeals = {} if is_closed else self._open_appeals()

    def side(self, unit: str, *, is_high: bool) -> _Side:
        """The unit with each item at its least (or most) points."""
        chosen = self._chosen(unit, is_high)
        items: dict[str, Fraction] = {}
        tally = Tally(unit)
        for effect in self._effects(unit, is_high):
            tally.effects.append(effect)
        tally.void = frozenset(i for e in tally.effects for i in e.void)

        def walk(item: Item, is_void: bool) -> Fraction:
            is_void = is_void or item.id in tally.void
            if item.rule is not None:
                points = _ZERO if is_void else chosen[item.id].points or _ZERO
            else:
                inner = [walk(i, is_void) for i in item.items]
                points = _ZERO if is_void else block(item, inner)
            items[item.id] = points
            return points

        base = sum((walk(i, False) for i in self._scoring.scheme.items), start=_ZERO)
        self._total(tally, base, chosen, is_high)
        return _Side(items, tally)

    def _total(self, tally: Tally, base: Fraction, chosen: Mapping[str, Given], is_high: bool) -> None:
        scheme = self._scoring.scheme
        whole = sum((Fraction(i.full) for i in scheme.leaves if chosen[i.id].policy != "none"), start=_ZERO)
        kept = sum((g.full for g in chosen.values() if g.policy != "none"), start=_ZERO)
        for step in scheme.order:
            match step:
                case "items":
                    tally.base = tally.total = base
                case "rescale":
                    tally.rescale = whole / kept if kept else Fraction(1)
                    tally.base *= tally.rescale
                    tally.total = tally.base + tally.bonus - tally.deduction
                case "bonus":
                    tally.bonus = self._bonus(tally.unit, is_high)
                    tally.total += tally.bonus
                case "deductions":
                    tally.deduction = self._scoring.taken[tally.unit]
                    tally.total -= tally.deduction
                case "round":
                    tally.total = half_up(tally.total, scheme.rounding.total)
                case "gates" if any(e.zero_score for e in tally.effects):
                    tally.total = _ZERO
                case "rank":
                    tally.placed = (tally.total, *self._scoring.breaks(tally))

    def _bonus(self, unit: str, is_high: bool) -> Fraction:
        spec = self._scoring.scheme.bonus
        if spec is None or self._is_closed or not is_high:
            return self._scoring.bonus_of(unit)
        entries = [e for e in self._scoring.entries if e.unit == unit]
        opened = [replace(e, counted=bonus.most_of(e, spec)) for e in entries]
        counted = bonus.highest(opened) if spec.highest_only else opened
        return bonus.bonus_total(((e.class_id, e.counted) for e in counted), spec)

    # -- items

    def _chosen(self, unit: str, is_high: bool) -> dict[str, Given]:
        """One candidate per leaf. Where leaving an item out is among them, what an item is worth beside the others decides:
        the ratio of the whole is worked out again until the choice stands (it does after a few rounds)."""
        leaves = self._scoring.scheme.leaves
        options = {i.id: list(self._candidates(unit, i)) for i in leaves}
        ratio = _ZERO
        chosen: dict[str, Given] = {}
        for _ in range(4):
            pick = max if is_high else min
            fresh = {
                name: pick(found, key=lambda g: ((g.points or _ZERO) - ratio * g.full, g.points or _ZERO))
                for name, found in options.items()
            }
            if fresh == chosen:
                break
            chosen = fresh
            full = sum((g.full for g in chosen.values()), start=_ZERO)
            points = sum((g.points or _ZERO for g in chosen.values()), start=_ZERO)
            ratio = points / full if full else _ZERO
        return chosen

    def _candidates(self, unit: str, item: Item) -> Iterator[Given]:
        given = self._scoring.leaves.given(unit, item)
        yield given
        if given.points is None and given.policy != "none":
            yield replace(given, points=Fraction(item.least or 0))
            yield replace(given, points=Fraction(item.most))
        if self._is_closed or given.policy == "none":
            return
        if (unit, item.id) in self._appeals:
            claimed = self._appeals[unit, item.id]
            for points in (Fraction(item.least or 0), Fraction(item.most)) if claimed is None else (claimed,):
                yield replace(given, points=clip(points, item), full=Fraction(item.full))
        if self._is_open(unit, item):
            yield replace(given, points=Fraction(item.least or 0), full=Fraction(item.full))
            yield replace(given, points=Fraction(item.most), full=Fraction(item.full))
        for ends in self._ends_of(unit, item):
            yield self._scoring.leaves.given(unit, item, ends)

    def _ends_of(self, unit: str, item: Item) -> Iterator[Ends]:
        if has_peers(item, self._scoring.scheme):
            yield from (Ends(*pair) for pair in product(_ENDS, _ENDS) if pair != ("at", "at"))
        elif self._moves(unit, item):
            yield from (Ends(end) for end in _ENDS if end != "at")

    def _moves(self, unit: str, item: Item) -> bool:
        """Whether any figure the leaf reads has different ends."""
        return any(f.lower != f.upper for f in self._figures(unit, item))

    def _is_open(self, unit: str, item: Item) -> bool:
        """Whether a figure it reads has undecided rows with unknown amounts."""
        return any(
            (f.lower is None or f.upper is None)
            and (held := self._ground.facts.figures.get((unit, f.key))) is not None
            and held.undecided > 0
            for f in self._figures(unit, item)
        )

    def _figures(self, unit: str, item: Item) -> Iterator[Counted]:
        for rule in item.rule.walk() if item.rule else ():
            for number in rule.numbers:
                for key in keys_of(number, item, self._ground.year.year, None):
                    if (unit, key) in self._ground.figures:
                        yield self._ground.figures[unit, key]
            if rule.tally is not None:
                yield from self._ground.category_figures(
                    unit, rule.tally.of.indicator or item.indicator or ""
                )

    def _open_appeals(self) -> dict[tuple[str, str], Fraction | None]:
        found = {}
        for ruling in self._ground.facts.points_rulings:
            item = self._ground.item_named(ruling.item)
            if item is not None and not ruling.is_decided:
                found[ruling.unit, item.id] = ruling.points
        return found

    # -- gates

    def _effects(self, unit: str, is_high: bool) -> list[Effect]:
        """Effects of the gates at an end: for the worst those that may hold, for the best those that must."""
        out = []
        for gate in self._scoring.scheme.gates:
            ends = [AT] if self._is_closed else [AT, Ends("low", "high"), Ends("high", "low")]
            found = [
                holds(gate.if_, Cell(self._ground, self._scoring.leaves.numbers, unit, None, e))[0]
                for e in ends
            ]
            if (all if is_high else any)(found):
                out.append(gate.effect)
        return out
