"""The arithmetic of a sentence, read back: what stands left of ＝ is computed and compared with what stands right of it."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?")
_FORMULA = re.compile(r"([0-9（［][0-9,.%/×÷＋－（）［］-]*)＝(约?)(-?[\d,.]+)")
_POINTS = re.compile(r"[得计](?:[^，；]*＝)?(约?)(-?[\d,.]+)分(?:（满分[\d,.]+分）)?。$")


def value(text: str) -> Fraction:
    """A number as it is written: 1,650, 92.5%, 2/3."""
    share = text.endswith("%")
    return Fraction(text.rstrip("%").replace(",", "")) / (100 if share else 1)


def computed(formula: str) -> Fraction:
    """8×［60%＋40%×2/3］ by hand: ＋－ of ×÷ of numbers and brackets."""
    rest = formula

    def take(signs: str) -> str:
        nonlocal rest
        if rest[:1] and rest[0] in signs:
            sign, rest = rest[0], rest[1:]
            return sign
        return ""

    def factor() -> Fraction:
        nonlocal rest
        if take("（［"):
            inner = total()
            assert take("）］"), formula
            return inner
        found = _NUMBER.match(rest)
        assert found, formula
        rest = rest[found.end() :]
        return value(found[0])

    def product() -> Fraction:
        out = factor()
        while sign := take("×÷"):
            out = out * factor() if sign == "×" else out / factor()
        return out

    def total() -> Fraction:
        out = product()
        while sign := take("＋－"):
            out = out + product() if sign == "＋" else out - product()
        return out

    result = total()
    assert not rest, formula
    return result


def is_shown_as(amount: Fraction, approx: str, text: str) -> bool:
    """Whether a number may be written like this: exactly, or rounded in its last place and marked 约."""
    shown = value(text)
    places = len(text.partition(".")[2])
    return (
        abs(amount - shown) <= Fraction(1, 2 * 10**places) and amount != shown if approx else amount == shown
    )


def formulas(sentence: str) -> list[tuple[Fraction, str, str]]:
    """(what the left side comes to, 约 or nothing, the right side) of every formula."""
    return [(computed(left), approx, right) for left, approx, right in _FORMULA.findall(sentence)]


def final_points(sentence: str) -> tuple[str, str] | None:
    """(约 or nothing, the points) at the end of a sentence."""
    found = _POINTS.search(sentence)
    return (found[1], found[2]) if found else None
