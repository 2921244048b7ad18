"""What it would take: the fewest further records with which a unit reaches a better grade, the others standing still.

For each indicator that the scheme reads alone, then for pairs of them. What is found is a path, not advice: it is proven by
scoring a copy of the facts, and the numbers one lower are known not to do. Caps, bands, quotas, bars and bonus are those
of the engine, because nothing but the engine decides what reaches a grade.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice
from math import ceil, floor

from flows.contract.indicator import Indicator, indicators
from flows.score.engine.facts import Facts
from flows.score.engine.result import GateHit
from flows.score.engine.scoring import Tally, score
from flows.score.engine.scoring_context import half_up
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.evaluator import Attempts, Moves, Standing
from flows.score.whatif.increment import Lever, NotOffered, levers, moved
from flows.score.whatif.smallest_passing import least, least_pair, least_sum, tabled

#: Most further records of one indicator that are looked at; more are no path.
MOST = 1_000_000

#: … and of each of a pair.
MOST_OF_PAIR = 256

#: Pairs that are offered: those with the fewest records.
PAIRS = 5

#: … of so many that are scored exactly, because others may gain or lose points by them.
_CANDIDATES = 2 * PAIRS

#: What gains are compared in while pairs are looked for: parts of a point.
_PART = 10**9


@dataclass(frozen=True, slots=True)
class Path:
    """Further records that reach a better grade, and where the unit then stands: scored, not estimated."""

    moves: Moves
    after: Standing

    @property
    def records(self) -> int:
        return sum(records for _, records in self.moves)


@dataclass(frozen=True, slots=True)
class Near:
    """An indicator that does not reach it alone: the most points it adds, with how many records."""

    lever: Lever
    records: int
    gain: Fraction


@dataclass(frozen=True)
class Headroom:
    """What a unit could reach. `better` are the grades that would do, best first; none where it holds such a one.

    `short` is how many points are missing while nobody else moves; None where no number of points would do (a bar).
    """

    unit: str
    now: Standing
    better: tuple[str, ...]
    bars: tuple[GateHit, ...]
    short: Fraction | None
    singles: tuple[Path, ...]
    pairs: tuple[Path, ...]
    near: tuple[Near, ...]
    not_offered: tuple[NotOffered, ...]


def headroom(
    year: SchemeYear,
    facts: Facts,
    unit: str,
    grade: str | None = None,
    known: Mapping[str, Indicator] | None = None,
) -> Headroom:
    """Paths of one unit to a better grade than it has, or to `grade` or a better one.

    `known` are the definitions of the indicators (default: all there are). `KeyError` for a unit that is not assessed,
    `ValueError` for a grade that the scheme does not have.
    """
    known = known or indicators()
    search = _Search(year, facts, unit, grade, known)
    now, bars = search.attempts.now, tuple(search.own.hits)
    if not search.better:
        return Headroom(unit, now, (), bars, None, (), (), (), ())
    offered, refused = levers(year, facts, unit, required_figures(year), known)
    singles = [path for lever in offered if (path := search.single(lever)) is not None]
    alone = {path.moves[0][0]: path.moves[0][1] for path in singles}
    near = [search.near(lever) for lever in offered if lever not in alone]
    return Headroom(
        unit, now, search.better, bars, search.short,
        tuple(sorted(singles, key=lambda path: path.records)),
        tuple(search.pairs(offered, alone)),
        tuple(sorted((n for n in near if n.gain > 0), key=lambda n: -n.gain)),
        tuple(refused),
    )  # fmt: skip


class _Search:
    """The search for one unit."""

    def __init__(
        self, year: SchemeYear, facts: Facts, unit: str, aim: str | None, known: Mapping[str, Indicator]
    ) -> None:
        self._year, self._facts, self._unit = year, facts, unit
        self._directions = {name: indicator.direction for name, indicator in known.items()}
        self.attempts = Attempts(year, facts, unit, self._directions)
        self.own = self.attempts.tallies[unit]
        grades = [grade.grade for grade in year.scheme.grades.list_]
        held = grades.index(self.attempts.now.grade) if self.attempts.now.grade in grades else len(grades)
        enough = held if aim is None else grades.index(aim) + 1
        self.better = tuple(grades[:enough]) if enough <= held else ()
        self._standings: dict[tuple[object, ...], Standing] = {}
        self._raws: dict[Moves, Tally] = {}
        self._met: dict[str, frozenset[str]] = {}

    # -- what is asked

    def _is_better(self, standing: Standing) -> bool:
        return standing.grade in self.better

    def _alone(self, moves: Moves) -> bool:
        """Whether moves would do if no other unit's points changed by them; quick, and exact for most rules."""
        return self._reaches(self._tally(moves))

    def _reaches(self, own: Tally) -> bool:
        key = (own.total, own.placed, tuple((hit.gate, hit.effect) for hit in own.hits))
        if key not in self._standings:
            self._standings[key] = self.attempts.with_others_standing(own)
        return self._is_better(self._standings[key])

    def _exactly(self, moves: Moves) -> bool:
        return self._is_better(self.attempts.standing(moves))

    def _tally(self, moves: Moves) -> Tally:
        if moves not in self._raws:
            self._raws[moves] = self.attempts.alone(moves)
        return self._raws[moves]

    def _gain(self, moves: Moves) -> Fraction:
        """Points before they are rounded, more than now."""
        return _raw(self._tally(moves)) - _raw(self.own)

    # -- one indicator

    def single(self, lever: Lever) -> Path | None:
        """The fewest further records of one indicator that do."""
        most = _most(lever, MOST)
        found = least(lambda k: self._alone(((lever, k),)), most)
        if found is not None and (found == 1 or not self._exactly(((lever, found - 1),))):
            path = self._proven(((lever, found),))
            if path is not None:
                return path
        if found is None and not (most and self.attempts.compares(lever) and self._exactly(((lever, most),))):
            return None
        found = least(lambda k: self._exactly(((lever, k),)), most)  # others lose or gain points by it
        return None if found is None else self._proven(((lever, found),))

    def near(self, lever: Lever) -> Near:
        """What an indicator adds at most, and the fewest records that add it."""
        most = _most(lever, MOST)
        gain = self._gain(((lever, most),)) if most else Fraction(0)
        records = least(lambda k: self._gain(((lever, k),)) >= gain, most) if gain > 0 else None
        return Near(lever, records or 0, gain)

    def _proven(self, moves: Moves) -> Path | None:
        """The path with what a scoring of the moved facts gives."""
        facts = self._facts
        for lever, records in moves:
            facts = moved(facts, self._unit, lever, records)
        result = next(r for r in score(self._year, facts, self._directions).results if r.unit == self._unit)
        after = Standing(result.total, result.group_rank, result.overall_rank, result.grade)
        return Path(moves, after) if self._is_better(after) else None

    # -- pairs

    def pairs(self, offered: Sequence[Lever], alone: Mapping[Lever, int]) -> list[Path]:
        """Pairs with fewer records than either of their two needs alone, those with the fewest first."""
        tables = {lever: self._table(lever) for lever in offered}
        couples = list(combinations(offered, 2))
        best: list[tuple[int, int, Moves]] = []
        for n, (a, b) in sorted(enumerate(couples), key=lambda held: self._are_coupled(*held[1])):
            below = min(alone.get(a, 2 * MOST_OF_PAIR + 1), alone.get(b, 2 * MOST_OF_PAIR + 1))
            if len(best) == _CANDIDATES:
                below = min(below, best[-1][0])
            counts = self._pair(a, b, tables, below)
            if counts is not None:
                best = sorted(
                    [*best, (sum(counts), n, ((a, counts[0]), (b, counts[1])))], key=lambda held: held[:2]
                )
                best = best[:_CANDIDATES]
        paths = (path for _, _, moves in best if (path := self._trimmed(moves)) is not None)
        return sorted(islice(paths, PAIRS), key=lambda path: path.records)

    def _table(self, lever: Lever) -> list[int]:
        return tabled(lambda k: floor(self._gain(((lever, k),)) * _PART), _most(lever, MOST_OF_PAIR))

    def _pair(
        self, a: Lever, b: Lever, tables: Mapping[Lever, list[int]], below: int
    ) -> tuple[int, int] | None:
        """The fewest of both together, under `below`: gains are added up, or asked for where two do not just add up."""
        most = len(tables[a]) - 1, len(tables[b]) - 1
        if self._are_coupled(a, b):
            return least_pair(lambda j, k: self._alone(((a, j), (b, k))), most, below)
        if self.short is None:
            return None
        return least_sum(tables[a], tables[b], ceil(self.short * _PART) - 1, below)

    def _are_coupled(self, a: Lever, b: Lever) -> bool:
        """Whether both meet somewhere, or one may lift a gate that holds now: then points are not all that counts."""
        held = {f"gate:{hit.gate}" for hit in self.own.hits}
        ours, others = self._meets(a), self._meets(b)
        return bool(ours & others or (ours | others) & held)

    def _meets(self, lever: Lever) -> frozenset[str]:
        if lever.indicator.indicator not in self._met:
            self._met[lever.indicator.indicator] = self.attempts.meets(lever)
        return self._met[lever.indicator.indicator]

    def _trimmed(self, moves: Moves) -> Path | None:
        """The pair, with what others gain or lose by it: as far as one less of either does not do, scored."""
        (a, j), (b, k) = moves
        while j > 1 and self._exactly(((a, j - 1), (b, k))):
            j -= 1
        while k > 1 and self._exactly(((a, j), (b, k - 1))):
            k -= 1
        return self._proven(((a, j), (b, k)))

    @cached_property
    def short(self) -> Fraction | None:
        """Points before rounding that are missing while no other unit's change; None where points alone do not do it.

        A better grade begins at another unit's total, just above it, or at the least points of a grade.
        """
        scheme = self._year.scheme
        half = Fraction(1, 2 * 10**scheme.rounding.total)
        is_rounded = scheme.order.index("round") < scheme.order.index("rank")
        edges = [
            Fraction(grade.min_points) - half for grade in scheme.grades.list_ if grade.min_points is not None
        ]
        for unit, tally in self.attempts.tallies.items():
            if unit != self._unit:
                other = tally.placed[0]
                edges += [other - half, other + half] if is_rounded else [other, other + Fraction(1, _PART)]
        own = _raw(self.own)
        above = sorted({edge for edge in edges if edge > own})
        at = bisect_left(above, True, key=lambda edge: self._reaches(self._with_total(edge)))
        return above[at] - own if at < len(above) else None

    def _with_total(self, total: Fraction) -> Tally:
        scheme = self._year.scheme
        rounded = half_up(total, scheme.rounding.total)
        is_rounded = scheme.order.index("round") < scheme.order.index("rank")
        placed = rounded if is_rounded else total
        if any(effect.zero_score for effect in self.own.effects):
            return self.own
        return replace(self.own, total=rounded, placed=(placed, *self.own.placed[1:]))


def _raw(tally: Tally) -> Fraction:
    """The total before it is rounded."""
    return tally.base + tally.bonus - tally.deduction


def _most(lever: Lever, limit: int) -> int:
    return limit if lever.most is None else min(lever.most, limit)
