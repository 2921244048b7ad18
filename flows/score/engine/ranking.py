"""Totals become places, places become grades.

Three families of real schemes combine: so many units (A17, A31), a share of the group, a least total (A16). Places are
filled from the best grade down; what happens to a barred unit's place and to equal ranks at the last place is written in
the scheme, because no two offices agree on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from flows.score.rules.rule import exact
from flows.score.scheme.scheme_model import Effect, Grades


def comparable(placed: Mapping[str, tuple[Fraction, ...]]) -> dict[str, tuple[int, ...]]:
    """The same in whole numbers of one denominator, which compare ten times as fast as fractions."""
    whole = lcm(*{part.denominator for key in placed.values() for part in key})
    return {u: tuple([p.numerator * (whole // p.denominator) for p in key]) for u, key in placed.items()}


def rank(placed: Mapping[str, tuple[int, ...]], ties: str) -> dict[str, int]:
    """Places by total, then by the tie-breakers; what is still equal shares a place.

    >>> rank({"a": (9,), "b": (9,), "c": (8,)}, "shared")
    {'a': 1, 'b': 1, 'c': 3}
    >>> rank({"a": (9,), "b": (9,), "c": (8,)}, "dense")
    {'a': 1, 'b': 1, 'c': 2}
    """
    sharing = Counter(placed.values())
    places: dict[tuple[int, ...], int] = {}
    ahead = 0
    for key in sorted(sharing, reverse=True):
        places[key] = len(places) + 1 if ties == "dense" else ahead + 1
        ahead += sharing[key]
    return {unit: places[key] for unit, key in placed.items()}


def grade(
    totals: Mapping[str, Fraction],
    ranks: Mapping[str, int],
    effects: Mapping[str, Sequence[Effect]],
    spec: Grades,
    decided: Mapping[str, int],
) -> tuple[dict[str, str], list[tuple[str, ...]]]:
    """Grades of the units of one scope.

    Args:
        totals: what least points are asked of.
        ranks: places within the scope.
        effects: what gates do to a unit.
        spec: the scheme's grades.
        decided: place of a unit by a recorded decision, 1 goes first.

    Returns:
        The grade of each unit, and the units of each tie at a last place that nobody decided.
    """
    names = [g.grade for g in spec.list_]
    best = {unit: _best_allowed(effects.get(unit, ()), names) for unit in totals}
    left = set(totals)
    out: dict[str, str] = {}
    open_ties: list[tuple[str, ...]] = []
    spent: set[str] = set()  # barred units that have used up their place
    for index, level in enumerate(spec.list_):
        enough = {u for u in left if level.min_points is None or totals[u] >= exact(level.min_points)}
        entitled = {u for u in enough if best[u] <= index}
        barred = enough - entitled - spent if spec.barred == "keeps_place" else set()
        placed = _placed(entitled, barred, level.quota(len(totals)), ranks, spec, decided)
        if placed.open_tie:
            open_ties.append(placed.open_tie)
        spent |= placed.spent
        out |= dict.fromkeys(placed.takers, level.grade)
        left -= placed.takers
    out |= dict.fromkeys(left, spec.no_award)
    lowered = {u: _after(g, effects.get(u, ()), names, spec.no_award) for u, g in out.items()}
    return dict(sorted(lowered.items())), open_ties


class _Placed(NamedTuple):
    """Who gets a place, who uses one up without getting it, and a tie at the last place that nobody decided."""

    takers: set[str]
    spent: set[str]
    open_tie: tuple[str, ...] = ()


def _placed(
    entitled: Collection[str],
    barred: Collection[str],
    places: int | None,
    ranks: Mapping[str, int],
    spec: Grades,
    decided: Mapping[str, int],
) -> _Placed:
    """Fill the places in order of rank. Among equals a barred unit gives way: it uses up what the others leave."""
    if places is None:
        return _Placed(set(entitled), set(barred))
    takers: set[str] = set()
    spent: set[str] = set()
    for place in sorted({ranks[u] for u in (*entitled, *barred)}):
        left = places - len(takers) - len(spent)
        if left <= 0:
            break
        tied = sorted(u for u in entitled if ranks[u] == place)
        if len(tied) > left:
            return _at_the_edge(_Placed(takers, spent), tied, left, spec, decided)
        takers |= set(tied)
        spent |= {u for u in barred if ranks[u] == place and len(tied) < left}
    return _Placed(takers, spent)


def _at_the_edge(
    sure: _Placed, tied: Sequence[str], left: int, spec: Grades, decided: Mapping[str, int]
) -> _Placed:
    """Equal ranks at the last place: all, none, or as decided."""
    if spec.edge_tie == "drop":
        return sure
    if spec.edge_tie == "extend":
        return _Placed(sure.takers | set(tied), sure.spent)
    if len({decided[u] for u in tied if u in decided}) < len(tied):
        return _Placed(sure.takers, sure.spent, tuple(tied))
    first = sorted(tied, key=lambda u: decided[u])[:left]
    return _Placed(sure.takers | set(first), sure.spent)


def _best_allowed(effects: Collection[Effect], names: Sequence[str]) -> int:
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


def _after(grade_: str, effects: Collection[Effect], names: Sequence[str], no_award: str) -> str:
    """Grade lowered by what lowers it."""
    if any(e.no_award for e in effects) or grade_ == no_award:
        return no_award
    at = names.index(grade_) + sum(e.lower_one for e in effects)
    if any(e.lowest for e in effects):
        at = max(at, len(names) - 1)
    return names[at] if at < len(names) else no_award
