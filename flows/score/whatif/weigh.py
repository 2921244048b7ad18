"""Totals of a scored year under other weights, in whole numbers, for many sets of weights at once.

What a unit reached of a leaf, as a share of its points, is multiplied with the leaf's other weight and added up along the
tree. Caps and floors of blocks grow and shrink with the weights inside them; so does the factor for leaves left out.
The scheme's own total is moved by the difference, so that its own weights give its own totals to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm

import numpy as np

from flows.score.engine.result import Scored, UnitResult
from flows.score.scheme.scheme_model import Item, Scheme
from flows.score.whatif.draw import Whole

#: A weight is a whole number of steps: so many to a point, or more where points have more decimal places.
STEPS = 1000

#: Parts of a leaf's points that are told apart.
PARTS = 10**10


def steps(scheme: Scheme) -> int:
    """Weight steps of one point."""
    return lcm(STEPS, *(Fraction(leaf.full).denominator for leaf in scheme.leaves))


def point(scheme: Scheme) -> int:
    """What one point of a total is counted as."""
    return steps(scheme) * PARTS


def weights(scheme: Scheme, group: str) -> dict[str, int]:
    """Weight, in steps, of each leaf that is part of a group's scheme and worth something."""
    leaves = [leaf for item in scheme.items for leaf in _of_group(item, group) if leaf.rule is not None]
    return {leaf.id: int(leaf.full * steps(scheme)) for leaf in leaves if leaf.full > 0}


def _of_group(item: Item, group: str) -> Iterator[Item]:
    if not item.groups or group in item.groups:
        yield item
        for inner in item.items:
            yield from _of_group(inner, group)


def totals(scheme: Scheme, scored: Scored, results: Sequence[UnitResult], other: Whole) -> Whole:
    """Totals, before they are rounded, of the units of one group under `other` weights (leaves × sets): (units × sets)."""
    written = weights(scheme, results[0].group)
    reached = _Reached.of(scheme, scored, results, written)
    moved = reached.sums(scheme, other) - reached.sums(
        scheme, np.array([[w] for w in written.values()], np.int64)
    )
    own = np.array([[floor((r.base + r.bonus - r.deduction) * point(scheme))] for r in results], np.int64)
    return own + moved


@dataclass(frozen=True)
class _Reached:
    """What the units of a group reached of each leaf, and which leaves count for them."""

    point: int
    written: Mapping[str, int]  # leaf → its weight in the scheme
    shares: Mapping[str, Whole]  # leaf → (units × 1): of a weighted leaf in `PARTS`, of another its points
    part: Whole  # (units × weighted leaves): 1 where the leaf is part of the unit's scheme
    counted: Whole  # (units × weighted leaves): 1 where it is not left out either

    @classmethod
    def of(
        cls, scheme: Scheme, scored: Scored, results: Sequence[UnitResult], written: Mapping[str, int]
    ) -> _Reached:
        rows = {result.unit: row for row, result in enumerate(results)}
        columns = {leaf: column for column, leaf in enumerate(written)}
        shares = {leaf.id: np.zeros((len(rows), 1), np.int64) for leaf in scheme.leaves}
        part = np.zeros((len(rows), len(columns)), np.int64)
        counted = np.zeros_like(part)
        for score in scored.items:
            if score.unit not in rows or score.item not in shares:
                continue
            row, column = rows[score.unit], columns.get(score.item)
            of = point(scheme) if column is None else Fraction(point(scheme), written[score.item])
            shares[score.item][row] = floor((score.points or 0) * of)
            if column is not None:
                part[row, column] = score.policy != "none"
                counted[row, column] = part[row, column] and score.full > 0
        return cls(point(scheme), written, shares, part, counted)

    def sums(self, scheme: Scheme, other: Whole) -> Whole:
        """(units × sets) the items together, scaled up for what is left out."""
        of_leaf = dict(zip(self.written, other, strict=True))
        total = self._together(scheme.items, of_leaf)
        if (self.part == self.counted).all():
            return total
        return _scaled(total, self.part @ other, np.maximum(self.counted @ other, 1))

    def _together(self, items: Sequence[Item], other: Mapping[str, Whole]) -> Whole:
        total = np.zeros((len(self.part), 1), np.int64)
        for item in items:
            total = total + self._worth(item, other)
        return total

    def _worth(self, item: Item, other: Mapping[str, Whole]) -> Whole:
        if item.rule is not None:
            return self.shares[item.id] * other.get(item.id, 1)
        worth = self._together(item.items, other)
        inside = [leaf.id for leaf in item.walk() if leaf.id in other]
        was = np.array([sum(self.written[leaf] for leaf in inside)])
        for bound, keep in ((item.least, np.maximum), (item.most, np.minimum)):
            if bound is not None:
                edge = np.array([floor(bound * self.point)])
                if inside:
                    edge = _scaled(edge, np.sum([other[leaf] for leaf in inside], axis=0), was)
                worth = keep(worth, edge)
        return worth


def _scaled(amounts: Whole, by: Whole, of: Whole) -> Whole:
    """amounts × by ÷ of, rounded down; `amounts` fit into 64 bits, their product need not."""
    return amounts // of * by + amounts % of * by // of
