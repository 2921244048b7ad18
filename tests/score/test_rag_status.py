"""Expected pace and lights: exact at every threshold, from past years, days, or the target itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from flows.contract.indicator import Shape
from flows.score.rag_status import ACCUMULATES, expected_share, rag_status, same_day
from flows.score.scheme.scheme_model import PaceMarks

JUNE = date(2015, 6, 30)
F = Fraction


@pytest.mark.parametrize("shape", sorted(ACCUMULATES))
def test_what_adds_up_is_expected_at_the_pace_of_all_units_and_years_together(shape: Shape) -> None:
    # one large unit is early, two small ones late: the sum decides, not the mean of shares
    found = expected_share(shape, [(F(60), F(100)), (F(0), F(10)), (F(0), F(10))], JUNE)
    assert (found.share, found.basis) == (F(1, 2), "past")


@pytest.mark.parametrize("shape", sorted(set(Shape) - ACCUMULATES))
def test_what_is_no_part_of_a_whole_is_held_against_the_target(shape: Shape) -> None:
    assert expected_share(shape, [(F(1), F(4))], JUNE) == expected_share(shape, [], date(2015, 1, 1))
    assert (expected_share(shape, [], JUNE).share, expected_share(shape, [], JUNE).basis) == (1, "target")


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2015, 1, 1), F(1, 365)),
        (JUNE, F(181, 365)),
        (date(2016, 6, 30), F(182, 366)),
        (date(2015, 12, 31), F(1)),
    ],
)
def test_without_a_past_the_days_of_the_year_decide(day: date, share: Fraction) -> None:
    for past in ([], [(F(0), F(0))], [(F(-1), F(-2))]):
        assert (
            expected_share(Shape.COUNT, past, day).share,
            expected_share(Shape.COUNT, past, day).basis,
        ) == (share, "elapsed")


@pytest.mark.parametrize(("reached", "share"), [(-5, 0), (0, 0), (12, 1), (10, 1)])
def test_a_share_is_between_nothing_and_all(reached: int, share: int) -> None:
    assert expected_share(Shape.SUM, [(F(reached), F(10))], JUNE).share == share


@pytest.mark.parametrize(
    ("actual", "direction", "expected"),
    [
        ("100", "up", "green"),
        ("99.99", "up", "yellow"),
        ("80", "up", "yellow"),
        ("79.99", "up", "red"),
        ("0", "up", "red"),
        ("100", "down", "green"),
        ("100.01", "down", "yellow"),
        ("125", "down", "yellow"),
        ("125.01", "down", "red"),
        ("0", "down", "green"),
        ("5", "none", None),
        (None, "up", None),
    ],
)
def test_lights_at_their_thresholds(actual: str | None, direction: str, expected: str | None) -> None:
    figure = None if actual is None else F(actual)
    assert rag_status(figure, F(100), direction, PaceMarks()) == expected


def test_the_scheme_says_what_is_green() -> None:
    easy = PaceMarks(green=Decimal("0.9"), yellow=Decimal("0.5"))
    assert [rag_status(F(n), F(100), "up", easy) for n in (90, 89, 50, 49)] == [
        "green",
        "yellow",
        "yellow",
        "red",
    ]


def test_nothing_expected_is_reached_by_nothing_and_no_target_has_no_light() -> None:
    assert rag_status(F(0), F(0), "up", PaceMarks()) == "green"
    assert rag_status(F(5), None, "up", PaceMarks()) is None


def test_the_same_day_of_another_year() -> None:
    assert same_day(JUNE, 1) == date(2014, 6, 30)
    assert same_day(date(2016, 2, 29), 1) == date(2015, 2, 28)
    assert same_day(date(2016, 2, 29), 4) == date(2012, 2, 29)
