"""How numbers are written in sentences: in full, or rounded, marked and never taken for a threshold."""

from __future__ import annotations

from fractions import Fraction

import pytest

from flows.score.explain.format import number, percent, plain, term

F = Fraction
NUMBERS = [
    ("0", "0"),
    ("1650", "1650"),
    ("9999.5", "9999.5"),
    ("10000", "10,000"),
    ("6402300.50", "6,402,300.5"),
    ("-12.50", "-12.5"),
    ("0.00000001", "0.00000001"),
    ("1/3", "约0.3333"),
    ("-2/3", "约-0.6667"),
    ("8999/9000", "约0.9999"),
    ("89999/90000", "约0.99999"),
    ("1/1024", "约0.00098"),
]


@pytest.mark.parametrize(("amount", "expected"), NUMBERS)
def test_numbers_are_written_out_or_marked(amount: str, expected: str) -> None:
    assert number(F(amount)) == expected


def test_a_rounded_share_never_looks_like_a_threshold() -> None:
    assert percent(F(8999, 9999)) == "约89.999%"
    assert percent(F("0.9235")) == "92.35%"
    assert term(F(2, 3)) == "2/3"
    assert term(F(2, 3), is_share=True) == "2/3"
    assert term(F(-3)) == "（-3）"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.80", "0.8"),
        ("8", "8"),
        ("-0.5", "-0.5"),
        ("100", "100"),
        ("0.1000004", "0.1"),
        ("0", "0"),
        ("2/3", "0.666667"),
    ],
)
def test_numbers_in_a_message_are_short(amount: str, text: str) -> None:
    assert plain(F(amount)) == text
