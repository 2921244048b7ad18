"""Weights as they work out, which only figures can tell.

A weight of 10 points decides nothing where everybody has 10, and 3 points decide much where they are spread widely. The
effective weight of an item is its share in the variance of the totals, cov(item, total) / var(total); the shares of all items
add up to 1. A hint for next year's scheme that touches no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from flows.score.scheme.scheme_loader import SchemeYear


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
    by_item: dict[str, dict[str, LeafScore]] = {}
    totals: dict[str, Fraction] = {}
    for cell in cells:
        if cell.points is not None and cell.full > 0:
            by_item.setdefault(cell.item, {})[cell.unit] = cell
            totals[cell.unit] = totals.get(cell.unit, Fraction()) + cell.points
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


def _covariance(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> Fraction:
    """Of the same units, without the divisor, which cancels out wherever it is used."""
    if not one:
        return Fraction()
    mean_one = sum(one.values(), start=Fraction()) / len(one)
    mean_other = sum(other.values(), start=Fraction()) / len(other)
    return sum(((one[u] - mean_one) * (other[u] - mean_other) for u in one), start=Fraction())
