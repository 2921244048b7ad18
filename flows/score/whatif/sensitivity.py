"""How far places and grades depend on the weights: the same year under thousands of other weights around the scheme's.

Weights are rules, not noise: an office decided them, and a unit is graded by them alone. This is for analysts who ask how
much of an order is the work and how much the scheme; it judges no score. Redrawn are the full points of the leaves
(`draw.py`), within the leaves that a group has. What a unit reached of each, bonus, deductions, gates and quotas stand.
Equal totals are told apart as the scheme's own order tells their units apart, where it names ways to do so.

Whole numbers throughout: no place hangs on a rounded float, and the scheme's own weights give the scheme's own places
and grades.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from flows.score.engine.result import Scored
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Scheme
from flows.score.whatif.draw import Whole, drawn
from flows.score.whatif.order import standings
from flows.score.whatif.weigh import totals, weights


@dataclass(frozen=True, slots=True)
class Robustness:
    """A unit under redrawn weights: 5th, 50th and 95th percentile of its place in the group (places that occurred).

    `grade_flip_rate` is the share of draws that give it another grade than the scheme does.
    """

    unit: str
    draws: int
    group_rank_low: int
    group_rank_median: int
    group_rank_high: int
    grade_flip_rate: Fraction


def robustness(
    year: SchemeYear, scored: Scored, draws: int = 10_000, seed: int = 2015
) -> tuple[Robustness, ...]:
    """One row per unit, in the order of the results; the same for the same seed."""
    random = np.random.Generator(np.random.PCG64(seed))
    redrawn: dict[str, Whole] = {}
    of_leaves: dict[tuple[str, ...], Whole] = {}  # groups with the same leaves are weighed alike
    for group in sorted({result.group for result in scored.results}):
        written = weights(year.scheme, group)
        if tuple(written) not in of_leaves:
            of_leaves[tuple(written)] = drawn(list(written.values()), draws, random)
        redrawn[group] = of_leaves[tuple(written)]
    return under(year.scheme, scored, redrawn)


def under(scheme: Scheme, scored: Scored, other: Mapping[str, Whole]) -> tuple[Robustness, ...]:
    """Places and grades under other weights, by group: one row per leaf of `weights`, one column per draw."""
    if not other:
        return ()
    draws = next(iter(other.values())).shape[1]
    found = np.zeros((len(scored.results), draws), np.int64)
    for group, of_group in other.items():
        rows = [row for row, result in enumerate(scored.results) if result.group == group]
        found[rows] = totals(scheme, scored, [scored.results[row] for row in rows], of_group)
    places, is_same = standings(scheme, scored, found)
    places.sort(axis=1)
    tail = (draws - 1) // 20
    return tuple(
        Robustness(
            unit=result.unit,
            draws=draws,
            group_rank_low=int(place[tail]),
            group_rank_median=int(place[(draws - 1) // 2]),
            group_rank_high=int(place[draws - 1 - tail]),
            grade_flip_rate=1 - Fraction(int(same.sum()), draws),
        )
        for result, place, same in zip(scored.results, places, is_same, strict=True)
    )
