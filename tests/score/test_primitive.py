"""What each primitive gives at its thresholds, a hundredth below and above them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from flows.score.engine.scoring import score
from flows.score.rules.rule import RuleTrace
from tests.score.made import codes, facts_of, leaf, points_of, year_of

TARGET = {("a", "x"): 100}


def worked(rule: str, x: object, more: str = "", points: object = 10) -> RuleTrace:
    """What the rule of the one leaf did for unit a."""
    scored = score(year_of(leaf(rule, points, more), TARGET), facts_of("a", {("a", "x"): x}))  # type: ignore[arg-type]
    working = next(s.trace for s in scored.items if s.item == "x")
    assert working is not None
    return working


def test_linear_in_proportion_to_the_cap() -> None:
    table = [("0", "0"), ("0.01", "0.001"), ("50", "5"), ("99.99", "9.999"), ("100", "10"), ("100.01", "10")]
    for x, points in table:
        assert worked("{linear: {}}", x).points == Fraction(points), x
    assert [worked("{linear: {}}", x).branch for x in ("99.99", "100", "100.01")] == [
        "proportional",
        "proportional",
        "capped",
    ]


@pytest.mark.parametrize(
    ("x", "points", "branch"),
    [("59.99", 0, "below_least"), ("60", 6, "proportional"), ("60.01", "6.001", "proportional")],
)
def test_linear_with_a_cliff(x: str, points: object, branch: str) -> None:
    found = worked("{linear: {least: 0.6}}", x)
    assert (found.points, found.branch) == (Fraction(str(points)), branch)


@pytest.mark.parametrize(
    ("x", "points"), [("4.99", 10), ("5", 10), ("5.01", "9.98"), ("10", 0), ("10.01", 0)]
)
def test_linear_falling(x: str, points: object) -> None:
    rule = "{linear: {of: value, zero_at: 10, full_at: 5}}"
    assert worked(rule, x).points == Fraction(str(points))


@pytest.mark.parametrize(("x", "points"), [("7.99", "4.02"), ("8", 4), ("8.01", 0)])
def test_linear_falling_with_a_cliff_gives_nothing_above_it(x: str, points: object) -> None:
    rule = "{linear: {of: value, zero_at: 10, full_at: 5, least: 8}}"
    assert worked(rule, x).points == Fraction(str(points))


def test_linear_with_a_base_floor_and_a_cap_above_one() -> None:
    rule = "{linear: {of: attainment, base: 0.6, floor: 0.5, cap: 1.2}}"
    table = [
        (-100, "5", "floor"),
        (0, "6", "proportional"),
        (100, "10", "proportional"),
        (150, "12", "proportional"),
    ]
    table += [("150.01", "12", "capped")]  # type: ignore[list-item]
    for x, points, branch in table:
        found = worked(rule, x, "cap: 12")
        assert (found.points, found.branch) == (Fraction(points), branch), x


@pytest.mark.parametrize(
    ("x", "points", "branch"),
    [
        ("0.6499", 0, -1),
        ("0.65", 1, 3),
        ("0.6501", 1, 3),
        ("0.6999", 1, 3),
        ("0.70", 2, 2),
        ("0.7499", 2, 2),
        ("0.75", 3, 1),
        ("0.7999", 3, 1),
        ("0.80", 4, 0),
        ("0.8001", 4, 0),
        ("1.5", 4, 0),
        ("-1", 0, -1),
    ],
)
def test_bands_from_each_threshold_to_the_next(x: str, points: int, branch: int) -> None:
    found = worked("{bands: [[0.80, 4], [0.75, 3], [0.70, 2], [0.65, 1]]}", x)
    assert (found.points, found.branch) == (points, branch)


@pytest.mark.parametrize(
    ("x", "points"), [("9.99", 1), ("10", 1), ("10.01", 2), ("19.99", 2), ("20", 9), ("20.01", 3)]
)
def test_bands_say_to_whom_a_boundary_belongs(x: str, points: int) -> None:
    rule = "{bands: {points: [{upto: 10, points: 1}, {above: 10, to: 20, points: 2}, {above: 20, points: 3}], otherwise: 9}}"
    assert worked(rule, x).points == points


def test_no_band_is_an_error_not_a_zero() -> None:
    rule = "{bands: {points: [{from: 10, points: 1}]}}"
    scored = score(year_of(leaf(rule)), facts_of("a", {("a", "x"): "9.99"}))
    assert points_of(scored) == {"a": None}
    assert codes(scored) == ["no_band"]
    assert scored.results[0].open_items == ("x",)


@pytest.mark.parametrize(
    ("x", "share", "drop", "full"),
    [
        ("83", 6, 6, 6),
        ("83.99", "7.98", 8, 6),
        ("84", 8, 8, 8),
        ("84.01", "8.02", 10, 8),
        ("84.99", "9.98", 10, 8),
        ("85", 10, 10, 10),
        ("85.01", "10.01", 10, 11),
        ("86", 11, 11, 11),
        ("86.01", "11.01", 11, 12),
    ],
)
def test_steps_with_parts_of_a_unit(x: str, share: object, drop: object, full: object) -> None:
    for parts, points in (("share", share), ("drop", drop), ("full", full)):
        rule = f"{{steps: {{at: 85, above: 1, below: -2, parts: {parts}, most: 20}}}}"
        assert worked(rule, x, "cap: 20").points == Fraction(str(points)), parts


@pytest.mark.parametrize(
    ("x", "points", "branch", "is_clipped"),
    [(-1, 0, "below", True), (0, 0, "below", False), (84, "9.88", "below", False), (100, 12, "above", True)],
)
def test_steps_within_least_and_the_cap_of_the_item(
    x: int, points: object, branch: str, is_clipped: bool
) -> None:
    start = "start: 10.2, at: 85, above: 1, below: -0.32, parts: share"
    rule = "{steps: {start: 10, at: 85, per: 0.85, above: 1, below: -0.1, parts: share}}"
    if x == 84:
        rule = f"{{steps: {{{start}}}}}"
    found = worked(rule, x, "cap: 12")
    assert (found.points, found.branch, found.is_clipped) == (Fraction(str(points)), branch, is_clipped)


def test_steps_below_zero_where_the_scheme_says_so() -> None:
    rule = "{steps: {start: 0, below: 0, above: -2, parts: share, least: -5}}"
    table = [(0, 0), (1, -2), (2, -4), ("2.5", -5), (3, -5)]
    for x, points in table:
        scored = score(year_of(leaf(rule, 10, "floor: -5")), facts_of("a", {("a", "x"): x}))
        assert points_of(scored) == {"a": points}
    found = score(year_of(leaf(rule, 10)), facts_of("a", {("a", "x"): 3})).items[0]
    assert (found.points, found.raw) == (0, -5)  # the item's own floor is 0 unless it has one


def test_table_by_whole_number_and_otherwise() -> None:
    rule = "{table: {points: {0: 10, 1: 9.5}, otherwise: 0}}"
    table = [("0", 10, "0"), ("1", "9.5", "1"), ("2", 0, "otherwise"), ("0.5", 0, "otherwise")]
    for x, points, branch in table:
        found = worked(rule, x)
        assert (found.points, found.branch) == (Fraction(str(points)), branch)
    scored = score(year_of(leaf("{table: {points: {0: 10}}}")), facts_of("a", {("a", "x"): 1}))
    assert (points_of(scored), codes(scored)) == ({"a": None}, ["no_entry"])


def test_best_and_worst_take_the_first_of_equals() -> None:
    for kind in ("best", "worst"):
        assert worked(f"{{{kind}: [5, 5]}}", 1).branch == 0
    assert (worked("{best: [1, 3, 2]}", 1).points, worked("{worst: [2, 1, 3]}", 1).branch) == (3, 1)


@pytest.mark.parametrize(
    ("kind", "points"), [("sum", 3), ("best", 3), ("worst", 3), ("times", None), ("first", 3)]
)
def test_a_part_without_a_number_counts_nothing_beside_others(kind: str, points: int | None) -> None:
    parts = "[{linear: {of: {indicator: y, as: value}}}, 3]"
    rule = f"{{{kind}: {parts}}}"
    if kind == "first":
        rule = "{first: {branches: [{if: {of: {indicator: y}, at_least: 0}, then: 9}], otherwise: 3}}"
    assert worked(rule, 1).points == points


def test_a_mean_needs_all_its_parts() -> None:
    rule = "{mean: [{weight: 0.6, rule: 10}, {weight: 0.4, rule: {linear: {of: {indicator: y, as: value}}}}]}"
    found = worked(rule, 1)
    assert (found.points, found.state) == (None, "not_reported")
    scored = score(year_of(leaf(rule)), facts_of("a", {("a", "x"): 1, ("a", "y"): "0.5"}))
    assert points_of(scored) == {"a": 8}


def test_a_sum_with_a_score_still_owed_is_open() -> None:
    scored = score(
        year_of(leaf("{sum: [3, {linear: {of: {scores: leader}}}]}")), facts_of("a", {("a", "x"): 1})
    )
    assert points_of(scored) == {"a": None}
    assert codes(scored) == ["rater_missing"]


def test_each_period_within_its_least_and_most() -> None:
    rule = "{each: {periods: ['{year}H1', '{year}H2'], most: 5, least: 1, rule: {linear: {of: value, full_at: 10}}}}"
    table = [((2, 2), 4), ((3, 3), 5), ((0, 0), 1), ((4, "not_reported"), 4)]
    for (first, second), points in table:
        figures = {("a", "x@2015H1"): first, ("a", "x@2015H2"): second}
        assert points_of(score(year_of(leaf(rule)), facts_of("a", figures))) == {"a": points}


def test_a_tally_keeps_to_least_and_most() -> None:
    rule = "{tally: {points: {national: 3, municipal: -2}, start: 1, least: -4, most: 7}}"
    table = [(0, 0, 1), (1, 0, 4), (2, 0, 7), (3, 0, 7), (0, 2, -3), (0, 3, -4)]
    for national, municipal, points in table:
        figures = {("a", "x"): 1, ("a", "x/national"): national, ("a", "x/municipal"): municipal}
        found = score(year_of(leaf(rule, 10, "floor: -4")), facts_of("a", figures))
        assert points_of(found) == {"a": points}


def test_conditions_combine() -> None:
    table = [
        ("{all: [{of: value, at_least: 5}, {of: value, less_than: 7}]}", {4: False, 5: True, 7: False}),
        (
            "{any: [{of: value, at_most: 5}, {of: value, more_than: 7}]}",
            {5: True, 6: False, 7: False, 8: True},
        ),
        ("{not: {of: value, at_least: 5}}", {4: True, 5: False}),
        ("{of: value, at_least: 5, at_most: 6}", {4: False, 5: True, 6: True, 7: False}),
        ("{of: {indicator: y}, at_least: 5, if_missing: true}", {0: True}),
        ("{of: {indicator: y}, at_least: 5}", {0: False}),
    ]
    for condition, expected in table:
        rule = f"{{first: {{branches: [{{if: {condition}, then: 1}}], otherwise: 0}}}}"
        found = {x: worked(rule, x).points == 1 for x in expected}
        assert found == expected, condition


@pytest.mark.parametrize(("total", "found"), [(2, []), (3, ["category_missing"])])
def test_a_record_without_a_category_is_no_silent_loss(total: int, found: list[str]) -> None:
    figures = {("a", "x"): total, ("a", "x/national"): 2}
    scored = score(year_of(leaf("{tally: {points: {national: 3}}}")), facts_of("a", figures))
    assert (points_of(scored), codes(scored)) == ({"a": 6}, found)
