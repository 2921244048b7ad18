"""What a rule can give, found without a figure: range, what is never taken, and where points fall."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from flows.score.lint import reach as module
from flows.score.lint.probe import Axis, probed
from flows.score.lint.reach import outcomes, reach
from flows.score.rules import Rule
from flows.score.rules.condition import Condition
from flows.score.scheme.scheme_model import Item
from flows.score.sources.figure import IndicatorInput
from flows.score.transforms.domain import Domain

F = Fraction
SHARE = Domain(F(0), F(1), better=1)
COUNT = Domain(F(0), None, True, better=1)
OPEN = Domain(better=1)


def rule(data: Any) -> Rule:
    return TypeAdapter(Rule).validate_python(data)


def item(full: int, most: int | None = None) -> Item:
    return Item.model_validate({"id": "x", "label": "项", "points": full, "cap": most, "rule": 0})


def ends(
    data: Any, domain: Domain = OPEN, full: int = 10, most: int | None = None
) -> tuple[Fraction, Fraction]:
    found = reach(rule(data), item(full, most), lambda number: domain)
    return found.low, found.high


@pytest.mark.parametrize(
    ("given_rule", "domain", "low", "high"),
    [
        (3, OPEN, 3, 3),
        ({"linear": {}}, OPEN, 0, 10),
        ({"linear": {"cap": "1.2"}}, OPEN, 0, 12),
        ({"linear": {"cap": "1.2", "of": "value"}}, SHARE, 0, 10),
        ({"linear": {"full_at": 2, "of": "value"}}, SHARE, 0, 5),
        ({"linear": {"base": "0.6", "of": "position"}}, SHARE, 6, 10),
        ({"linear": {"zero_at": 10, "full_at": 0, "of": "value"}}, COUNT, 0, 10),
        ({"linear": {"least": "0.6", "of": "value"}}, SHARE, 0, 10),
        ({"bands": [["0.8", 4], ["0.75", 3]]}, SHARE, 0, 4),
        ({"bands": [["1.5", 4], ["0.75", 3]]}, SHARE, 0, 3),
        ({"bands": {"points": [{"above": "1", "points": 9}, {"upto": "1", "points": 2}]}}, SHARE, 2, 2),
        ({"bands": {"points": [{"above": "1", "points": 9}, {"upto": "1", "points": 2}]}}, COUNT, 2, 9),
        ({"steps": {"at": 5, "below": -3, "parts": "drop"}}, COUNT, 0, 10),
        ({"steps": {"at": 5, "below": -3, "least": -4, "parts": "drop"}}, COUNT, -4, 10),
        ({"steps": {"at": 5, "below": -1, "least": -4, "parts": "drop"}}, COUNT, 5, 10),
        ({"steps": {"start": 0, "above": 3, "parts": "full", "most": 20}}, SHARE, 0, 3),
        ({"steps": {"start": 0, "above": 3, "parts": "drop", "at": "0.5", "most": 20}}, SHARE, 0, 0),
        ({"table": {"points": {0: 10, 1: 5}, "otherwise": 0}}, COUNT, 0, 10),
        ({"table": {"points": {"1": 6, "2": 5}, "otherwise": 4}}, Domain(F(1), F(2), True, better=-1), 5, 6),
        (
            {"table": {"of": {"opinion": "leader"}, "points": {"good": 6, "bad": 0}}},
            Domain(codes=("good", "bad")),
            0,
            6,
        ),
        ({"tally": {"points": {"a": 3, "b": 2}}}, COUNT, 0, 10),
        ({"tally": {"points": {"a": 3}, "most": 8}}, COUNT, 0, 8),
        ({"tally": {"points": {"a": -3}, "start": 5, "least": -2}}, COUNT, -2, 5),
        ({"sum": [{"bands": [["0.5", 4]]}, {"bands": [["0.8", 6]]}]}, SHARE, 0, 10),
        ({"sum": [{"bands": [["0.5", 4]]}, {"linear": {"of": "value", "points": -2}}]}, SHARE, -1, 3),
        ({"best": [3, {"bands": [["0.5", 8]]}]}, SHARE, 3, 8),
        ({"worst": [3, {"bands": [["0.5", 8]]}]}, SHARE, 0, 3),
        ({"times": [{"bands": [["0.5", 8]]}, "0.9"]}, SHARE, 0, "7.2"),
        (
            {"mean": [{"weight": "0.6", "rule": 10}, {"weight": "0.4", "rule": {"bands": [["1", 5]]}}]},
            SHARE,
            6,
            8,
        ),
        ({"each": {"periods": ["a", "b", "c"], "rule": {"bands": [[1, 2]]}}}, COUNT, 0, 6),
        ({"each": {"periods": ["a", "b", "c"], "rule": {"bands": [[1, 2]]}, "most": 5}}, COUNT, 0, 5),
        (
            {
                "first": {
                    "branches": [{"if": {"at_least": "0.9"}, "then": 10}],
                    "otherwise": {"linear": {"of": "value"}},
                }
            },
            SHARE,
            0,
            10,
        ),
    ],
)
def test_range_of_points(given_rule: Any, domain: Domain, low: object, high: object) -> None:
    found = ends(given_rule, domain)
    # a step down that only begins just beside a mark is met within a billionth
    assert [round(end, 6) for end in found] == [Fraction(str(low)), Fraction(str(high))]


def test_too_many_combinations_are_taken_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checklist of six rates is as wide as the sum of its parts, and each band of each part is taken."""
    names = ["a", "b", "c", "d", "e", "f"]
    parts = [{"bands": {"of": {"indicator": n}, "points": [["0.9", 2], ["0.5", 1]]}} for n in names]
    found = reach(rule({"sum": parts}), item(12), lambda number: SHARE)
    assert (found.low, found.high) == (0, 12)
    assert found.taken is not None and len(found.taken) == 18
    monkeypatch.setattr(module, "LIMIT", 1)
    for several, low, high in (
        ({"best": [3, parts[0]]}, 3, 3),
        ({"worst": [1, parts[0]]}, 0, 1),
        ({"times": ["-1", parts[0]]}, -2, 0),
        ({"mean": [{"weight": "0.5", "rule": parts[0]}, {"weight": "0.5", "rule": 4}]}, 2, 3),
        ({"each": {"periods": ["x", "y"], "rule": {"sum": [1, 2]}, "most": 5}}, 5, 5),
        ({"first": {"branches": [{"if": {"at_least": 1}, "then": 4}], "otherwise": parts[0]}}, 0, 4),
    ):
        found = reach(rule(several), item(12), lambda number: SHARE)
        assert (found.low, found.high) == (low, high), several


def test_what_nothing_leads_to_is_not_taken() -> None:
    covered = rule(
        {
            "first": {
                "branches": [{"if": {"at_least": "0.5"}, "then": 5}, {"if": {"at_least": "0.8"}, "then": 9}],
                "otherwise": 0,
            }
        }
    )
    found = reach(covered, item(10), lambda number: SHARE)
    assert found.taken == {("rule", 0), ("rule", -1)}


@pytest.mark.parametrize(
    ("given_rule", "domain", "falls"),
    [
        ({"bands": [["0.8", 4], ["0.75", 3]]}, SHARE, False),
        ({"bands": [["0.8", 3], ["0.75", 4]]}, SHARE, True),
        ({"bands": [["0.8", 3], ["0.75", 4]]}, Domain(F(0), F(1), better=-1), True),  # and below 0.75 nothing
        ({"linear": {"zero_at": 1, "full_at": 0, "of": "value"}}, SHARE, True),
        ({"linear": {"zero_at": 1, "full_at": 0, "of": "value"}}, Domain(F(0), F(1), better=-1), False),
        (
            {"linear": {"zero_at": 1, "full_at": 0, "of": "value"}},
            Domain(F(0), F(1)),
            False,
        ),  # neither way is better
        ({"steps": {"at": 5, "below": -3, "above": 1, "parts": "full"}}, COUNT, False),
        ({"steps": {"at": 5, "below": 3, "start": 4, "parts": "full"}}, COUNT, True),
    ],
)
def test_points_that_fall_while_the_figure_gets_better(given_rule: Any, domain: Domain, falls: bool) -> None:
    found = reach(rule(given_rule), item(10), lambda number: domain).falls
    assert bool(found) is falls


@pytest.mark.parametrize(
    ("condition", "domain", "can_be"),
    [
        ({"at_least": "0.5"}, SHARE, {True, False}),
        ({"more_than": 1}, SHARE, {False}),
        ({"at_least": 0}, SHARE, {True}),
        ({"all": [{"at_least": "0.8"}, {"less_than": "0.5"}]}, SHARE, {False}),
        ({"any": [{"at_least": "0.3"}, {"less_than": "0.5"}]}, SHARE, {True}),
        ({"not": {"at_most": 1}}, SHARE, {False}),
        ({"of": {"opinion": "leader"}, "is": "good"}, Domain(codes=("good", "bad")), {True, False}),
        ({"of": {"opinion": "leader"}, "is": "fair"}, Domain(codes=("good", "bad")), {False}),
    ],
)
def test_what_a_condition_can_be(condition: Any, domain: Domain, can_be: set[bool]) -> None:
    assert outcomes(TypeAdapter(Condition).validate_python(condition), lambda number: domain) == can_be


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=4, unique=True),
    st.lists(st.integers(-5, 12), min_size=4, max_size=4),
    st.fractions(0, 1, max_denominator=1000),
)
def test_no_value_gives_points_outside_of_the_range(
    marks: list[int], points: list[int], value: Fraction
) -> None:
    rows = [[Decimal(m) / 100, p] for m, p in zip(sorted(marks, reverse=True), points, strict=False)]
    made = rule({"bands": rows})
    found = reach(made, item(10), lambda number: SHARE)
    given_points = probed(made, item(10), {Axis(IndicatorInput()): value}).points
    assert given_points is not None and found.low <= given_points <= found.high
