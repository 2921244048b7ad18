"""What only scores can tell of a scheme: weights as they work out, items that set nobody apart, items that say the same.

A weight of 10 points decides nothing where everybody has 10, and 3 points decide much where they are spread widely. The
effective weight of an item is its share in the variance of the totals, cov(item, total) / var(total); the shares of all items
add up to 1. All of it is a hint for next year's scheme that touches no score: no finding is more than an info.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import NamedTuple

from flows.score.explain.format import plain
from flows.score.lint.lint_finding import LintFinding, in_scheme
from flows.score.lint.scope import places
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

#: Two items order the units alike from here on (Spearman's rank correlation of the figures), over at least so many units.
ALIKE, ENOUGH = Fraction(95, 100), 8


class LeafScore(NamedTuple):
    """A scored leaf of a unit; points is None where it is open or no part of the unit's scheme, full is 0 where left out."""

    unit: str
    item: str
    points: Fraction | None
    full: Fraction
    actual: Fraction | None


@dataclass(frozen=True)
class Weight:
    """One item: share of the full points and share of the variance of totals; how many units are at full points or at 0."""

    item: str
    label: str
    full: Fraction
    nominal: Fraction
    effective: Fraction | None  # None where all totals are equal
    units: int
    at_full: int
    at_zero: int


def weights(year: SchemeYear, cells: Iterable[LeafScore]) -> list[Weight]:
    """The items in the order of the scheme; those without a single scored unit are left out."""
    by_item = _by_item(cells)
    totals: dict[str, Fraction] = {}
    for scored in by_item.values():
        for unit, cell in scored.items():
            totals[unit] = totals.get(unit, Fraction()) + (cell.points or 0)
    spread = _covariance(totals, totals)
    kept = [(leaf, by_item[leaf.id]) for leaf in year.scheme.leaves if leaf.id in by_item]
    full = sum((Fraction(leaf.full) for leaf, _ in kept), start=Fraction())
    out = []
    for leaf, scored in kept:
        points = {unit: (scored[unit].points if unit in scored else None) or Fraction() for unit in totals}
        out.append(
            Weight(
                leaf.id,
                leaf.label,
                Fraction(leaf.full),
                Fraction(leaf.full) / full if full else Fraction(),
                _covariance(points, totals) / spread if spread else None,
                len(scored),
                sum(c.points is not None and c.points >= c.full for c in scored.values()),
                sum(c.points == 0 for c in scored.values()),
            )
        )
    return out


def weight_findings(year: SchemeYear, cells: Sequence[LeafScore]) -> list[LintFinding]:
    """Items at full points or at zero for every unit, and pairs whose figures order the units alike."""
    leaves = {at.node.id: at for at in places(year.scheme, Item) if at.node.rule is not None}
    findings = []
    for weight in weights(year, cells):
        if weight.units > 1 and weight.units in (weight.at_full, weight.at_zero):
            is_full = weight.units == weight.at_full
            words = f"all {weight.units} units have {plain(weight.full) if is_full else 0} points"
            code = "all_at_cap" if is_full else "all_at_zero"
            findings.append(in_scheme(year, code, leaves[weight.item].path, words))
    for one, other, correlation in redundant([cell for cell in cells if cell.item in leaves]):
        first, second = sorted((one, other), key=list(leaves).index)
        alike = f"rank correlation {plain(round(correlation, 2))}"
        words = f"orders the units as {leaves[first].node.label} does ({alike})"
        findings.append(in_scheme(year, "redundant", leaves[second].path, words))
    return findings


def redundant(cells: Iterable[LeafScore]) -> list[tuple[str, str, Fraction]]:
    """(item, item, rank correlation) of pairs whose figures order the units alike, or exactly the other way round."""
    figures = {
        item: {unit: cell.actual for unit, cell in scored.items() if cell.actual is not None}
        for item, scored in sorted(_by_item(cells).items())
    }
    out = []
    for one, other in combinations(figures, 2):
        both = sorted(set(figures[one]) & set(figures[other]))
        if len(both) < ENOUGH:
            continue
        first, second = (_mean_ranks({u: figures[item][u] for u in both}) for item in (one, other))
        shared, spread = _covariance(first, second), _covariance(first, first) * _covariance(second, second)
        if spread and shared**2 >= ALIKE**2 * spread:
            # the root is only shown; whether the pair is named was decided without it
            size = Fraction(isqrt(shared**2 * 10**8 // spread), 10**4)
            out.append((one, other, size if shared > 0 else -size))
    return out


def _by_item(cells: Iterable[LeafScore]) -> dict[str, dict[str, LeafScore]]:
    """Scores that count, by item and unit."""
    out: dict[str, dict[str, LeafScore]] = {}
    for cell in cells:
        if cell.points is not None and cell.full > 0:
            out.setdefault(cell.item, {})[cell.unit] = cell
    return out


def _mean_ranks(figures: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Equal figures share the mean of their places."""
    ordered = sorted(figures.values())
    first = {figure: n for n, figure in reversed(list(enumerate(ordered, 1)))}
    last = {figure: n for n, figure in enumerate(ordered, 1)}
    return {unit: Fraction(first[f] + last[f], 2) for unit, f in figures.items()}


def _covariance(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> Fraction:
    """Of the same units, without the divisor, which cancels out wherever it is used."""
    if not one:
        return Fraction()
    mean_one = sum(one.values(), start=Fraction()) / len(one)
    mean_other = sum(other.values(), start=Fraction()) / len(other)
    return sum(((one[u] - mean_one) * (other[u] - mean_other) for u in one), start=Fraction())
