"""What it would take: the fewest further records with which a unit reaches a better grade, the others standing still.

For each indicator that the scheme reads alone; where none does, for pairs of them. What is found is a path, not advice: it
is proven by scoring a copy of the facts, and the numbers one lower are known not to do. Caps, bands, quotas, bars and bonus
are those of the engine, because nothing but the engine decides what reaches a grade.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from flows.contract.indicator import Indicator, indicators
from flows.score.engine.facts import Facts
from flows.score.engine.result import GateHit
from flows.score.engine.rounding import half_up
from flows.score.engine.scoring import RunningTotal, score
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.evaluator import Evaluator, UnitOutcome
from flows.score.whatif.increment import Increment, Moves, NotOffered, increments, with_moves
from flows.score.whatif.smallest_passing import smallest_pair, smallest_passing

#: Most further records of one indicator that are looked at; more are no path.
_MOST = 1_000_000

#: … and of each of a pair.
_MOST_OF_PAIR = 256

#: Pairs that are offered: those with the fewest records.
_PAIRS = 5


@dataclass(frozen=True, slots=True)
class GradePath:
    """Further records that reach a better grade, and where the unit then stands: scored, not estimated."""

    moves: Moves
    after: UnitOutcome

    @property
    def records(self) -> int:
        return sum(records for _, records in self.moves)


@dataclass(frozen=True, slots=True)
class _NearMiss:
    """An indicator that does not reach it alone: the most points it adds, with how many records."""

    increment: Increment
    records: int
    gain: Fraction


@dataclass(frozen=True)
class PathsToGrade:
    """What a unit could reach. `better` are the grades that would do, best first; none where it holds such a one.

    `short` is how many points are missing while nobody else moves; None where no number of points would do (a bar).
    """

    unit: str
    now: UnitOutcome
    better: tuple[str, ...]
    bars: tuple[GateHit, ...]
    short: Fraction | None = None
    singles: tuple[GradePath, ...] = ()
    pairs: tuple[GradePath, ...] = ()
    near: tuple[_NearMiss, ...] = ()
    not_offered: tuple[NotOffered, ...] = ()


def paths_to_grade(
    year: SchemeYear,
    facts: Facts,
    unit: str,
    grade: str | None = None,
    known: Mapping[str, Indicator] | None = None,
) -> PathsToGrade:
    """Paths of one unit to a better grade.

    Args:
        year: the scheme's folder.
        facts: what is known about the year.
        unit: an assessed unit.
        grade: the grade, or a better one, to reach; default: any that is better than the unit's.
        known: definitions of the indicators; default: all there are.

    Returns:
        The paths with the fewest records first.

    Raises:
        KeyError: the unit is not assessed.
        ValueError: the scheme has no such grade.
    """
    known = known or indicators()
    search = _Search(year, facts, unit, grade, known)
    now, bars = search.evaluator.now, tuple(search.own.hits)
    if not search.better:
        return PathsToGrade(unit, now, (), bars)
    offered, refused = increments(year, facts, unit, required_figures(year), known)
    singles = {one: path for one in offered if (path := search.single(one)) is not None}
    near = [search.near(one) for one in offered if one not in singles]
    return PathsToGrade(
        unit,
        now,
        search.better,
        bars,
        short=search.short,
        singles=tuple(sorted(singles.values(), key=lambda path: path.records)),
        pairs=() if singles else tuple(search.pairs(offered)),
        near=tuple(sorted((n for n in near if n.gain > 0), key=lambda n: -n.gain)),
        not_offered=tuple(refused),
    )


class _Search:
    """The search for one unit."""

    def __init__(
        self, year: SchemeYear, facts: Facts, unit: str, aim: str | None, known: Mapping[str, Indicator]
    ) -> None:
        self._year, self._facts, self._unit = year, facts, unit
        self._directions = {name: indicator.direction for name, indicator in known.items()}
        self.evaluator = Evaluator(year, facts, unit, self._directions)
        self.own = self.evaluator.totals[unit]
        grades = [grade.grade for grade in year.scheme.grades.list_]
        now = self.evaluator.now.grade
        current = grades.index(now) if now in grades else len(grades)
        enough = current if aim is None else grades.index(aim) + 1
        self.better = tuple(grades[:enough]) if enough <= current else ()
        self._is_enough: dict[tuple[object, ...], bool] = {}
        self._totals: dict[Moves, RunningTotal] = {}

    # -- what is asked

    def _alone(self, moves: Moves) -> bool:
        """Whether moves would do if no other unit's points changed by them; quick, and exact for most rules."""
        return self._reaches(self._total(moves))

    def _reaches(self, own: RunningTotal) -> bool:
        key = (own.total, own.placed, tuple((hit.gate, hit.effect) for hit in own.hits))
        if key not in self._is_enough:
            self._is_enough[key] = self.evaluator.outcome_with(own).grade in self.better
        return self._is_enough[key]

    def _exactly(self, moves: Moves) -> bool:
        return self.evaluator.outcome(moves).grade in self.better

    def _total(self, moves: Moves) -> RunningTotal:
        if moves not in self._totals:
            self._totals[moves] = self.evaluator.total(moves)
        return self._totals[moves]

    def _proven(self, moves: Moves) -> GradePath | None:
        """The path with what a scoring of the moved facts gives."""
        scored = score(self._year, with_moves(self._facts, self._unit, moves), self._directions)
        result = next(r for r in scored.results if r.unit == self._unit)
        after = UnitOutcome(result.total, result.group_rank, result.overall_rank, result.grade)
        return GradePath(moves, after) if after.grade in self.better else None

    # -- one indicator

    def single(self, increment: Increment) -> GradePath | None:
        """The fewest further records of one indicator that do."""
        most = increment.up_to(_MOST)
        records = smallest_passing(lambda k: self._alone(((increment, k),)), most)
        if records is not None and (records == 1 or not self._exactly(((increment, records - 1),))):
            path = self._proven(((increment, records),))
            if path is not None:
                return path
        compares = most and self.evaluator.compares(increment)
        if records is None and not (compares and self._exactly(((increment, most),))):
            return None
        # others lose or gain points by it
        records = smallest_passing(lambda k: self._exactly(((increment, k),)), most)
        return None if records is None else self._proven(((increment, records),))

    def near(self, increment: Increment) -> _NearMiss:
        """What an indicator adds at most, and the fewest records that add it."""
        most = increment.up_to(_MOST)
        gain = self._gain(((increment, most),)) if most else Fraction(0)
        if gain <= 0:
            return _NearMiss(increment, 0, gain)
        return _NearMiss(
            increment,
            smallest_passing(lambda k: self._gain(((increment, k),)) >= gain, most) or 0,
            gain,
        )

    def _gain(self, moves: Moves) -> Fraction:
        """Points before they are rounded, more than now."""
        return self._total(moves).raw - self.own.raw

    # -- pairs

    def pairs(self, offered: Sequence[Increment]) -> list[GradePath]:
        """The pairs with the fewest records, where no indicator does it alone."""
        best: list[GradePath] = []
        for a, b in combinations(offered, 2):
            below = best[-1].records if len(best) == _PAIRS else 2 * _MOST_OF_PAIR + 1
            counts = smallest_pair(
                lambda j, k, a=a, b=b: self._alone(((a, j), (b, k))),  # type: ignore[misc]
                (a.up_to(_MOST_OF_PAIR), b.up_to(_MOST_OF_PAIR)),
                below,
            )
            path = counts and self._fewest(a, b, *counts)
            if path:
                best = sorted([*best, path], key=lambda path: path.records)[:_PAIRS]
        return best

    def _fewest(self, a: Increment, b: Increment, j: int, k: int) -> GradePath | None:
        """The pair, with what others gain or lose by it: as far as one less of either does not do, scored."""
        while j > 1 and self._exactly(((a, j - 1), (b, k))):
            j -= 1
        while k > 1 and self._exactly(((a, j), (b, k - 1))):
            k -= 1
        return self._proven(((a, j), (b, k)))

    # -- points alone

    @cached_property
    def short(self) -> Fraction | None:
        """Points before rounding that are missing while no other unit's change; None where points alone do not do it.

        A better grade begins at another unit's total, just above it, or at the least points of a grade.
        """
        half = Fraction(1, 2 * 10**self._places)
        levels = (g.min_points for g in self._year.scheme.grades.list_ if g.min_points is not None)
        edges = [Fraction(points) - half for points in levels]
        for unit, total in self.evaluator.totals.items():
            if unit != self._unit:
                other = total.placed[0]
                is_rounded = self._year.scheme.is_placed_rounded
                edges += [other - half, other + half] if is_rounded else [other, other + Fraction(1, 10**9)]
        above = sorted({edge for edge in edges if edge > self.own.raw})
        position = bisect_left(above, True, key=lambda edge: self._reaches(self._with_raw(edge)))
        return above[position] - self.own.raw if position < len(above) else None

    @property
    def _places(self) -> int:
        return self._year.scheme.rounding.total

    def _with_raw(self, raw: Fraction) -> RunningTotal:
        by_rounded = half_up(raw, self._places) - half_up(self.own.raw, self._places)
        by = None if self._year.scheme.is_placed_rounded else raw - self.own.raw
        return self.own.moved(by, by_rounded)
