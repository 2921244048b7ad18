"""Totals become places, places become grades.

Three families of real schemes combine: so many units (A17, A31), a share of the group, a least total (A16). Places are
filled from the best grade down; what happens to a barred unit's place and to equal ranks at the last place is written in
the scheme, because no two offices agree on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from flows.score.scheme import Effect, Grade, Grades, Rank

#: What decides among equal totals, best first: larger wins.
Breaks = Mapping[str, tuple[Fraction, ...]]


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
    left = sorted(totals, key=lambda u: (ranks[u], u))
    out: dict[str, str] = {}
    undecided: list[tuple[str, tuple[str, ...]]] = []
    spent: set[str] = set()  # barred units that have used up their place
    for index, level in enumerate(spec.list_):
        in_line = [
            u
            for u in left
            if (level.min_points is None or totals[u] >= Fraction(level.min_points))
            and (best[u] <= index or (spec.barred == "keeps_place" and u not in spent))
        ]
        placed, open_tie = _placed(in_line, quota(level, len(totals)), ranks, spec, decided)
        if open_tie:
            undecided.append((level.grade, open_tie))
        spent |= {u for u in placed if best[u] > index}
        out |= {u: level.grade for u in placed if best[u] <= index}
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


def _placed(
    in_line: Sequence[str], places: int | None, ranks: Mapping[str, int], spec: Grades, decided: Mapping[str, int]
) -> tuple[list[str], tuple[str, ...]]:  # fmt: skip
    """Who gets a place among units in order of rank, and the units of a tie at the last place that nobody decided."""
    if places is None or len(in_line) <= places:
        return list(in_line), ()
    edge = ranks[in_line[places]]
    sure = [u for u in in_line if ranks[u] < edge]
    tied = [u for u in in_line if ranks[u] == edge]
    if len(sure) == places or spec.edge_tie == "drop":
        return sure, ()
    if spec.edge_tie == "extend":
        return sure + tied, ()
    order = [decided.get(u) for u in tied]
    if None in order or len(set(order)) < len(order):
        return sure, tuple(tied)
    return sure + sorted(tied, key=lambda u: decided[u])[: places - len(sure)], ()


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
