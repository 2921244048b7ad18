"""Which values an input can have, known before any figure is: what the linter tries, and says is never reached."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Domain:
    """low..high (None is open), whole numbers only, or one of some codes.

    `better` is 1 where more is better, -1 where less is, 0 where neither is said. Where nothing is known it is open, so
    that nothing is said in error.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False
    codes: tuple[str, ...] = ()
    better: int = 0

    def holds(self, value: Fraction) -> bool:
        """Whether the input can have this value.

        >>> Domain(low=Fraction(0), whole=True).holds(Fraction(1, 2))
        False
        """
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (not self.whole or value.denominator == 1)
        )

    @property
    def spread(self) -> Fraction | None:
        """How far two values can be apart."""
        return None if self.low is None or self.high is None else self.high - self.low
