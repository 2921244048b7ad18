"""Places and grades of many orders at once: what `ranking.py` does for one set of totals, for one set per column.

The engine walks down one order in plain Python; thousands of them are walked side by side here, in whole numbers. Both give
the same places and grades for the same totals, which is tested. What a tie is broken by is taken from the scored order
itself: equal totals stand as the scheme's breaks put their units, and a decision on a last place is seen in who got it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from flows.score.engine.ranking import after, best_allowed, quota
from flows.score.engine.result import Scored
from flows.score.scheme.scheme_model import Effect, Scheme
from flows.score.whatif.draw import Whole
from flows.score.whatif.weigh import point

Flags = npt.NDArray[np.bool_]


def standings(scheme: Scheme, scored: Scored, totals: Whole) -> tuple[Whole, Flags]:
    """(units × sets) the place in the group, and whether the grade is the scored one, for totals that are not rounded."""
    at = {step: n for n, step in enumerate(scheme.order)}
    zeroed = [any(e.zero_score for e in _effects(scheme, scored, r.unit)) for r in scored.results]
    rounded = _half_up(totals, point(scheme) // 10**scheme.rounding.total)
    ranked = np.where(
        np.array(zeroed)[:, None] & (at["gates"] < at["rank"]),
        0,
        rounded if at["round"] < at["rank"] else totals,
    )
    rounded[zeroed] = 0
    places = np.empty_like(totals)
    same = np.empty(totals.shape, dtype=bool)
    groups = [
        [n for n, r in enumerate(scored.results) if r.group == g]
        for g in sorted({r.group for r in scored.results})
    ]
    for rows in groups:
        order = _ordered(scheme, ranked[rows], [scored.results[n].group_rank for n in rows])
        places[rows] = order.places(scheme.rank.ties)
        if scheme.grades.scope == "group":
            same[rows] = _is_scored(scheme, scored, rows, order, rounded[rows])
    if scheme.grades.scope == "all":
        rows = list(range(len(scored.results)))
        order = _ordered(scheme, ranked, [r.overall_rank for r in scored.results])
        same = _is_scored(scheme, scored, rows, order, rounded)
    return places, same


def _effects(scheme: Scheme, scored: Scored, unit: str) -> list[Effect]:
    held = {hit.gate for hit in scored.gates if hit.unit == unit}
    return [gate.effect for gate in scheme.gates if gate.id in held]


def _half_up(amounts: Whole, unit: int) -> Whole:
    """Multiples of `unit`, away from zero at the half."""
    rounded: Whole = np.sign(amounts) * ((2 * np.abs(amounts) + unit) // (2 * unit) * unit)
    return rounded


@dataclass(frozen=True)
class _Order:
    """Units of one scope by total, best first, one column per set; `units` are their rows."""

    units: Whole
    is_new: Flags  # not equal to the unit before

    @property
    def first(self) -> Whole:
        """Position of the first of the units that share a place."""
        at = np.arange(len(self.units))[:, None]
        return np.maximum.accumulate(np.where(self.is_new, at, 0), axis=0)

    @property
    def last(self) -> Whole:
        """Position of the last of the units that share a place."""
        at = np.arange(len(self.units))[:, None]
        is_last = np.roll(self.is_new, -1, axis=0)  # the first one is always new
        return np.minimum.accumulate(np.where(is_last, at, len(at))[::-1], axis=0)[::-1]

    def places(self, ties: str) -> Whole:
        """Place of each row: 1, 1, 3 where `ties` is shared, 1, 1, 2 where dense."""
        return self.by_unit(self.first + 1 if ties == "shared" else np.cumsum(self.is_new, axis=0))

    def by_unit(self, by_position: Whole) -> Whole:
        """From what stands at each position to what each row has."""
        found = np.empty_like(by_position)
        np.put_along_axis(found, self.units, by_position, axis=0)
        return found


def _ordered(scheme: Scheme, totals: Whole, scored_ranks: Sequence[int]) -> _Order:
    """Best first; equal totals as they are scored, where the scheme names what breaks a tie."""
    standing = np.array(scored_ranks if scheme.rank.break_ else [0] * len(totals), np.int64)[:, None]
    units = np.lexsort((np.broadcast_to(standing, totals.shape), -totals), axis=0)
    totals, standing = np.take_along_axis(totals, units, axis=0), standing[units, 0]
    is_new = np.ones(totals.shape, dtype=bool)
    is_new[1:] = (totals[1:] != totals[:-1]) | (standing[1:] != standing[:-1])
    return _Order(units, is_new)


def _is_scored(scheme: Scheme, scored: Scored, rows: Sequence[int], order: _Order, totals: Whole) -> Flags:
    """(units × sets) whether the grade is the one that was scored; `totals` are those that least points are asked of."""
    results = [scored.results[row] for row in rows]
    effects = [_effects(scheme, scored, r.unit) for r in results]
    spec, names = scheme.grades, [grade.grade for grade in scheme.grades.list_]
    number = {name: n for n, name in enumerate(dict.fromkeys((*names, spec.no_award)))}
    becomes = np.array(
        [
            [number[after(g, of_unit, names, spec.no_award)] for g in (*names, spec.no_award)]
            for of_unit in effects
        ]
    )
    got = np.array([[number[r.grade]] for r in results])
    best = np.array([best_allowed(of_unit, names) for of_unit in effects])[order.units]
    totals = np.take_along_axis(totals, order.units, axis=0)
    grades = np.full(order.units.shape, len(names))
    spent = np.zeros(order.units.shape, dtype=bool)
    for index, level in enumerate(spec.list_):
        in_line = grades == len(names)
        if level.min_points is not None:
            in_line &= totals >= ceil(level.min_points * point(scheme))
        may = in_line & (best <= index)
        counted = may | (in_line & ~spent) if spec.barred == "keeps_place" else may
        places = quota(level, len(rows))
        if places is not None:
            is_given = (becomes[:, [index]] == got)[order.units, 0]
            fits = _fits(order, may, counted, places, spec.edge_tie, is_given)
            may, counted = may & fits, counted & fits
        spent |= counted & (best > index)
        grades[may] = index
    same: Flags = np.take_along_axis(becomes, order.by_unit(grades), axis=1) == got
    return same


def _fits(order: _Order, may: Flags, counted: Flags, places: int, edge_tie: str, is_given: Flags) -> Flags:
    """Whether a position is within the places, of which each of `counted` uses one up; those that `may` go first of equals."""
    used, taken = np.cumsum(counted, axis=0), np.cumsum(may, axis=0)
    before: Whole = np.take_along_axis(used - counted, order.first, axis=0)
    equals: Whole = np.take_along_axis(taken, order.last, axis=0) - np.take_along_axis(
        taken - may, order.first, axis=0
    )
    up_to = before + equals
    fits = {
        "extend": before < places,
        "drop": (before < places) & (up_to <= places),
        "decide": (before < places) & ((up_to <= places) | is_given),
    }[edge_tie]
    return np.where(may, fits, up_to < places)
