"""The figures of a unit's peers: best, least, mean, and how many are better. Worked out once for all who share them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property

_ZERO = Fraction(0)


class Peers:
    """Amounts of the units that have a number, and what each weighs in their mean (by default all the same)."""

    def __init__(
        self, amounts: Mapping[str, Fraction], weights: Mapping[str, Fraction] | None = None
    ) -> None:
        self._amounts = amounts
        self._weights = weights

    def with_own(self, unit: str, amount: Fraction, weight: Fraction | None) -> Peers:
        """The same with a unit's own amount and weight, which may be read at another end than its peers'."""
        same_weight = self._weights is None or self._weights.get(unit) == weight
        if self._amounts.get(unit) == amount and same_weight:
            return self
        weights = None if self._weights is None else {**self._weights, unit: weight or _ZERO}
        return Peers({**self._amounts, unit: amount}, weights)

    @property
    def count(self) -> Fraction:
        """How many have the number."""
        return Fraction(len(self._amounts))

    @cached_property
    def _sorted(self) -> list[Fraction]:
        return sorted(self._amounts.values())

    @property
    def lowest(self) -> Fraction:
        """The least amount."""
        return self._sorted[0]

    @property
    def highest(self) -> Fraction:
        """The greatest amount."""
        return self._sorted[-1]

    def above(self, amount: Fraction) -> int:
        """How many have more."""
        return len(self._sorted) - bisect_right(self._sorted, amount)

    def below(self, amount: Fraction) -> int:
        """How many have less."""
        return bisect_left(self._sorted, amount)

    def mean(self, without: str | None = None) -> Fraction | None:
        """Mean, simple or weighted, of all or all but one (A24); None where nothing weighs anything."""
        weighted, whole = self._sums
        if without is not None:
            weight = self._weight(without)
            weighted, whole = weighted - self._amounts[without] * weight, whole - weight
        return weighted / whole if whole else None

    @cached_property
    def _sums(self) -> tuple[Fraction, Fraction]:
        if self._weights is None:
            return sum(self._amounts.values(), start=_ZERO), self.count
        weighted = sum((a * self._weight(u) for u, a in self._amounts.items()), start=_ZERO)
        return weighted, sum((self._weight(u) for u in self._amounts), start=_ZERO)

    def _weight(self, unit: str) -> Fraction:
        return Fraction(1) if self._weights is None else self._weights.get(unit, _ZERO)
