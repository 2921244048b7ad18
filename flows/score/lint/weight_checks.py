"""What only figures can tell of a scheme: items that set nobody apart, items that say the same, weights as they work out.

A weight of 10 points decides nothing where everybody has 10, and 3 points decide much where they are spread widely. The
effective weight of an item is its share in the variance of the totals, cov(item, total) / var(total); the shares of all items
add up to 1. All of this is a hint for next year's scheme and touches no score, so nothing here is more than an info.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
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
    for found in by_item.values():
        for unit, cell in found.items():
            totals[unit] = totals.get(unit, Fraction()) + (cell.points or 0)
    spread = _covariance(totals, totals)
    kept = [(leaf, by_item[leaf.id]) for leaf in year.scheme.leaves if by_item.get(leaf.id)]
    full = sum((Fraction(item.full) for item, _ in kept), start=Fraction())
    out = []
    for item, found in kept:
        points = {unit: found[unit].points or Fraction() if unit in found else Fraction() for unit in totals}
        out.append(
            Weight(
                item.id,
                item.label,
                Fraction(item.full),
                Fraction(item.full) / full if full else Fraction(),
                _covariance(points, totals) / spread if spread else None,
                len(found),
                sum(c.points is not None and c.points >= c.full for c in found.values()),
                sum(c.points == 0 for c in found.values()),
            )
        )
    return out


def lint_cells(year: SchemeYear, cells: Iterable[LeafScore]) -> list[LintFinding]:
    """Items at full points or at zero for every unit, and pairs whose figures order the units alike."""
    kept = list(cells)
    paths = {at.node.id: at.path for at in places(year.scheme, Item) if at.node.rule is not None}
    found = []
    for weight in weights(year, kept):
        if weight.units > 1 and weight.units in (weight.at_full, weight.at_zero):
            at_full = weight.units == weight.at_full
            words = f"all {weight.units} units have {plain(weight.full) if at_full else 0} points"
            code = "all_at_cap" if at_full else "all_at_zero"
            found.append(in_scheme(year, code, paths[weight.item], words))
    labels = {leaf.id: leaf.label for leaf in year.scheme.leaves}
    for one, other, share in redundant(kept):
        if {one, other} <= set(paths):
            first, second = sorted((one, other), key=list(paths).index)
            words = f"orders the units as {labels[first]} does (rank correlation {plain(round(share, 2))})"
            found.append(in_scheme(year, "redundant", paths[second], words))
    return sorted(found, key=lambda f: f.place)


def redundant(cells: Iterable[LeafScore]) -> list[tuple[str, str, Fraction]]:
    """(item, item, rank correlation) of pairs whose figures order the units alike, or exactly the other way round."""
    figures = {
        item: {u: c.actual for u, c in found.items() if c.actual is not None}
        for item, found in sorted(_by_item(cells).items())
    }
    out = []
    for one, other in combinations(figures, 2):
        both = sorted(set(figures[one]) & set(figures[other]))
        if len(both) < ENOUGH:
            continue
        first = _places({u: figures[one][u] for u in both})
        second = _places({u: figures[other][u] for u in both})
        shared, spread = _covariance(first, second), _covariance(first, first) * _covariance(second, second)
        if spread and shared**2 >= ALIKE**2 * spread:
            # the root is only shown; whether the pair is named was decided without it
            size = Fraction(float(shared**2 / spread) ** 0.5).limit_denominator(1000)
            out.append((one, other, size if shared > 0 else -size))
    return out


def _by_item(cells: Iterable[LeafScore]) -> dict[str, dict[str, LeafScore]]:
    """Cells that count, by item and unit."""
    out: dict[str, dict[str, LeafScore]] = {}
    for cell in cells:
        if cell.points is not None and cell.full > 0:
            out.setdefault(cell.item, {})[cell.unit] = cell
    return out


def _places(figures: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Mean ranks: equal figures share the mean of their places."""
    ordered: Sequence[Fraction] = sorted(figures.values())
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
