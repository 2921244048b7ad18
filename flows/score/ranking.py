"""Totals become places, places become grades.

Three families of real schemes combine: so many units (A17, A31), a share of the group, a least total (A16). Places are
filled from the best grade down; what happens to a barred unit's place and to equal ranks at the last place is written in
the scheme, because no two offices agree on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flows.score.scheme import Effect, Grade, Grades, Rank

#: What decides among equal totals, best first: larger wins.
Breaks = Mapping[str, tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The standing of a unit within one scope."""

    unit: str
    total: Fraction
    rank: int


def rank(totals: Mapping[str, Fraction], breaks: Breaks, spec: Rank) -> dict[str, int]:
    """Places by total, then by the tie-breakers; what is still equal shares a place (1, 1, 3 or, dense, 1, 1, 2)."""
    keys = {unit: (total, *breaks.get(unit, ())) for unit, total in totals.items()}
    if spec.ties == "dense":
        order = sorted(set(keys.values()), reverse=True)
        return {unit: order.index(key) + 1 for unit, key in keys.items()}
    return {unit: 1 + sum(other > key for other in keys.values()) for unit, key in keys.items()}


def grade(
    totals: Mapping[str, Fraction],
    ranks: Mapping[str, int],
    effects: Mapping[str, Sequence[Effect]],
    spec: Grades,
    decided: Mapping[str, int],
) -> tuple[dict[str, str], list[tuple[str, tuple[str, ...]]]]:
    """Grade of each unit of one scope, and (grade, units) of ties at a last place that nobody decided.

    `decided`: place of a unit by a recorded decision, 1 goes first.
    """
    names = [g.grade for g in spec.list_]
    best = {unit: best_allowed(effects.get(unit, ()), names) for unit in totals}
    left = sorted(totals, key=lambda u: (ranks[u], decided.get(u, 10**6), u))
    out: dict[str, str] = {}
    undecided: list[tuple[str, tuple[str, ...]]] = []
    for index, level in enumerate(spec.list_):
        takers, open_tie = _takers(level, index, left, totals, ranks, best, spec, decided, len(totals))
        if open_tie:
            undecided.append((level.grade, open_tie))
        out |= dict.fromkeys(takers, level.grade)
        left = [u for u in left if u not in out]
    out |= dict.fromkeys(left, spec.no_award)
    return {u: after(g, effects.get(u, ()), names, spec.no_award) for u, g in sorted(out.items())}, undecided


def quota(level: Grade, units: int) -> int | None:
    """How many places a grade has among so many units; None: as many as reach it."""
    if level.count is not None:
        return level.count
    if level.share is None:
        return None
    exact = Fraction(level.share) * units
    down = exact.numerator // exact.denominator
    rounded = {
        "floor": down,
        "ceil": -(-exact.numerator // exact.denominator),
        "half_up": (exact.numerator * 2 + exact.denominator) // (exact.denominator * 2),
    }[level.round]
    return max(rounded, level.at_least_units)


def _takers(
    level: Grade, index: int, left: Sequence[str], totals: Mapping[str, Fraction], ranks: Mapping[str, int],
    best: Mapping[str, int], spec: Grades, decided: Mapping[str, int], units: int,
) -> tuple[list[str], tuple[str, ...]]:  # fmt: skip
    places = quota(level, units)
    enough = [u for u in left if level.min_points is None or totals[u] >= Fraction(level.min_points)]
    in_line = [u for u in enough if spec.barred == "keeps_place" or best[u] <= index]
    if places is None or len(in_line) <= places:
        taken = in_line
        return [u for u in taken if best[u] <= index], ()
    taken, over = in_line[:places], in_line[places:]
    if not taken or ranks[taken[-1]] != ranks[over[0]]:
        return [u for u in taken if best[u] <= index], ()
    edge = ranks[over[0]]
    tied = [u for u in in_line if ranks[u] == edge]
    sure = [u for u in taken if ranks[u] != edge]
    return _at_the_edge(tied, sure, places, spec, decided, best, index)


def _at_the_edge(
    tied: list[str], sure: list[str], places: int, spec: Grades, decided: Mapping[str, int],
    best: Mapping[str, int], index: int,
) -> tuple[list[str], tuple[str, ...]]:  # fmt: skip
    open_tie: tuple[str, ...] = ()
    if spec.edge_tie == "extend":
        sure = [*sure, *tied]
    elif spec.edge_tie == "decide":
        order = [decided.get(u) for u in tied]
        if None in order or len(set(order)) < len(order):
            open_tie = tuple(tied)
        else:
            sure = [*sure, *sorted(tied, key=lambda u: decided[u])[: places - len(sure)]]
    return [u for u in sure if best[u] <= index], open_tie


def best_allowed(effects: Collection[Effect], names: Sequence[str]) -> int:
    """Position of the best grade a unit may have; beyond the list: none."""
    found = [0]
    for effect in effects:
        if effect.no_award:
            found.append(len(names))
        if effect.lowest:
            found.append(len(names) - 1)
        if effect.at_best is not None:
            found.append(names.index(effect.at_best))
    return max(found)


def after(grade_: str, effects: Collection[Effect], names: Sequence[str], no_award: str) -> str:
    """Grade lowered by what lowers it."""
    if any(e.no_award for e in effects) or grade_ == no_award:
        return no_award
    at = names.index(grade_) + sum(e.lower_one for e in effects)
    if any(e.lowest for e in effects):
        at = max(at, len(names) - 1)
    return names[at] if at < len(names) else no_award
