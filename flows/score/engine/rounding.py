"""Exact numbers rounded half up (四舍五入), and as they are written down."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

#: Decimal places of everything that is written to a table.
_PLACES = 6


def half_up(amount: Fraction, places: int = _PLACES) -> Fraction:
    """Rounded half up, away from zero at the half.

    >>> half_up(Fraction("-0.005"), 2)
    Fraction(-1, 100)
    """
    scaled = abs(amount) * 10**places
    whole = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return Fraction(whole if amount >= 0 else -whole, 10**places)


def rounded(amount: Fraction | Decimal | None) -> Decimal | None:
    """Half up to six places, as `half_up` in SQL, for a table; exact for any size."""
    if amount is None:
        return None
    whole = int(half_up(Fraction(amount)) * 10**_PLACES)
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -_PLACES))


def decimal_text(amount: Fraction | Decimal | None) -> str | None:
    """The same for a program, as text without trailing zeros."""
    value = rounded(amount)
    return None if value is None else format(value, "f").rstrip("0").rstrip(".")
