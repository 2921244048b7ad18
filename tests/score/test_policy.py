"""Points of items where a number is missing, beyond caps and floors, and after a ruling."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, Facts, PointsRuling
from flows.score.engine.result import ItemScore, Scored
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score.made import codes, facts_of, leaf, points_of, year_of

GROUPS = {"a": "g", "b": "g", "c": "g", "d": "h"}
FIGURES = {("b", "x"): 20, ("c", "x"): 80, ("d", "x"): 100, ("a", "y"): 50, ("b", "y"): 50, ("c", "y"): 50}


def two(policy: str, more: str = "") -> SchemeYear:
    """Item x of 10 points with a policy, item y of 30 points beside it."""
    return year_of(
        f"""
items:
  - {{id: x, label: 甲项, points: 10, indicator: x, missing: {{not_reported: {policy}}}, rule: {{linear: {{of: value, full_at: 100}}}}}}
  - {{id: y, label: 乙项, points: 30, indicator: y, missing: {{not_reported: none}}, rule: {{linear: {{of: value, full_at: 100}}}}}}
{more}""",
        groups=GROUPS,
    )


def item(scored: Scored, unit: str = "a", name: str = "x") -> ItemScore:
    return next(s for s in scored.items if (s.unit, s.item) == (unit, name))


@pytest.mark.parametrize(
    ("policy", "points", "full", "base", "name"),
    [
        ("zero", 0, 10, 15, "zero"),
        ("full", 10, 10, 25, "full"),
        ("{fixed: 7}", 7, 10, 22, "fixed"),
        ("{fixed: 12}", 10, 10, 25, "fixed"),
        ("group_mean", 5, 10, 20, "group_mean"),
        ("applicable_mean", "20/3", 10, "65/3", "applicable_mean"),
        ("rescale", 0, 0, 20, "rescale"),
        ("none", None, 0, 15, "none"),
        ("error", None, 10, 15, "error"),
    ],
)
def test_what_a_missing_number_costs(policy: str, points: Any, full: int, base: Any, name: str) -> None:
    scored = score(two(policy), facts_of("abcd", FIGURES))
    found = item(scored)
    assert (found.points, found.full, found.policy) == (
        None if points is None else Fraction(points),
        full,
        name,
    )
    result = next(r for r in scored.results if r.unit == "a")
    assert result.base == Fraction(base)
    assert result.rescale == (Fraction(4, 3) if policy == "rescale" else 1)
    assert result.open_items == (("x",) if policy == "error" else ())
    assert found.state == "not_reported"


@pytest.mark.parametrize("state", ["not_applicable", "no_target", "not_reported", "rejected", "unscored"])
def test_each_reason_has_its_own_policy(state: str) -> None:
    rule = {"unscored": "{linear: {of: {scores: leader}}}"}.get(state, "{linear: {}}")
    figures = {("a", "x"): state if state in ("not_applicable", "not_reported", "rejected") else 5}
    own = score(year_of(leaf(rule, 10, f"missing: {{{state}: {{fixed: 3}}}}")), facts_of("a", figures))
    assert points_of(own) == {"a": 3}
    assert item(own).state == state
    general = "missing: {not_applicable: {fixed: 1}, no_target: {fixed: 2}, not_reported: {fixed: 4}, rejected: {fixed: 5}}"
    found = score(year_of(f"{leaf(rule)}\n{general}"), facts_of("a", figures))
    expected = {"not_applicable": 1, "no_target": 2, "not_reported": 4, "rejected": 5, "unscored": None}
    assert points_of(found) == {"a": expected[state]}


def test_a_mean_is_of_points_as_they_count() -> None:
    ruling = PointsRuling(True, "b", "x", Fraction(6), date(2016, 1, 1), "", "样裁1号", Address(1, 2))
    scored = score(two("group_mean"), facts_of("abcd", FIGURES, points_rulings=(ruling,)))
    assert item(scored).points == 7
    thirds = {("b", "x"): Fraction(100, 3), ("c", "x"): Fraction(200, 3)}
    rounded = score(two("group_mean", "rounding: {items: 1}"), facts_of("abc", thirds))
    assert [item(rounded, u).points for u in "abc"] == [5, Fraction(33, 10), Fraction(67, 10)]


def test_a_mean_of_nobody_is_open() -> None:
    scored = score(two("group_mean"), facts_of("ad", {("d", "x"): 100}))
    assert (item(scored).points, codes(scored)) == (None, ["no_peers"])
    assert item(score(two("applicable_mean"), facts_of("ad", {("d", "x"): 100}))).points == 10


def test_nothing_left_to_scale_up() -> None:
    scored = score(year_of(leaf("{linear: {}}", 10, "missing: {not_reported: rescale}")), facts_of("a"))
    assert (scored.results[0].rescale, codes(scored)) == (1, ["nothing_left"])


def test_an_item_of_other_groups_is_no_part_unless_it_says_so() -> None:
    for more, points, policy in [
        ("groups: [g]", None, "none"),
        ("groups: [g], missing: {not_applicable: applicable_mean}", 5, "applicable_mean"),
        ("groups: [g], missing: {not_applicable: {fixed: 2}}", 2, "fixed"),
    ]:
        year = year_of(leaf("{linear: {of: value, full_at: 100}}", 10, more), groups=GROUPS)
        found = item(score(year, facts_of("bcd", FIGURES)), "d")
        assert (found.points, found.policy, found.state) == (points, policy, "not_applicable"), more


def test_a_block_of_other_groups_is_no_part_either() -> None:
    text = "items: [{id: b, label: 块, groups: [g], items: [{id: x, label: 项, points: 5, rule: 5}]}, {id: y, label: 乙, points: 1, rule: 1}]"
    scored = score(year_of(text, groups=GROUPS), facts_of("ad"))
    assert [(s.unit, s.item, s.points) for s in scored.items] == [
        ("a", "b", 5),
        ("a", "x", 5),
        ("a", "y", 1),
        ("d", "b", None),
        ("d", "x", None),
        ("d", "y", 1),
    ]
    assert [r.open_items for r in scored.results] == [(), ()]
    assert [r.rescale for r in scored.results] == [1, 1]


@pytest.mark.parametrize(
    ("x", "more", "points"),
    [
        ("119.99", "cap: 12", "11.999"),
        ("120", "cap: 12", 12),
        ("120.01", "cap: 12", 12),
        ("120", "cap: 8", 8),
        ("-0.01", "floor: 0", 0),
        ("-50", "floor: -3", -3),
        ("-29.99", "floor: -3", "-2.999"),
        ("20", "floor: 3", 3),
    ],
)
def test_cap_and_floor(x: str, more: str, points: Any) -> None:
    year = year_of(
        leaf(
            "{steps: {of: value, start: 0, above: 0.1, below: -0.1, parts: share, least: -99, most: 99}}",
            10,
            more,
        )
    )
    found = item(score(year, facts_of("a", {("a", "x"): x})))
    assert found.points == Fraction(str(points))
    assert found.raw == Fraction(x) / 10


@pytest.mark.parametrize(
    ("more", "points"),
    [("", 16), ("points: 15", 15), ("cap: 12", 12), ("points: 20, cap: 14", 14), ("floor: 18", 18)],
)
def test_blocks_add_up_within_their_cap(more: str, points: int) -> None:
    inner = "[{id: x, label: 甲, points: 10, rule: 9}, {id: y, label: 乙, points: 10, rule: 7}]"
    scored = score(
        year_of(f"items: [{{id: b, label: 块, {more and more + ', '}items: {inner}}}]"), facts_of("a")
    )
    block = item(scored, name="b")
    assert (block.points, block.raw, scored.results[0].base) == (points, 16, points)


def test_a_block_without_a_floor_may_fall_below_zero() -> None:
    inner = "[{id: x, label: 甲, points: 10, floor: -8, rule: -7}, {id: y, label: 乙, points: 10, rule: 2}]"
    assert (
        score(year_of(f"items: [{{id: b, label: 块, items: {inner}}}]"), facts_of("a")).results[0].total == -5
    )


@pytest.mark.parametrize(
    ("places", "x", "points"),
    [
        (1, "3.449", "3.4"),
        (1, "3.45", "3.5"),
        (1, "3.451", "3.5"),
        (0, "0.5", 1),
        (2, "0.005", "0.01"),
        (None, "3.45", "3.45"),
    ],
)
def test_leaves_are_rounded_half_up_where_the_scheme_says(places: int | None, x: str, points: Any) -> None:
    rounding = "" if places is None else f"\nrounding: {{items: {places}, total: 6}}"
    year = year_of(leaf("{linear: {of: value, full_at: 10}}") + rounding)
    assert points_of(score(year, facts_of("a", {("a", "x"): x}))) == {"a": Fraction(str(points))}


def ruled(*given: tuple[Any, str | None, bool], name: str = "x", **figures: Any) -> Facts:
    rulings = tuple(
        PointsRuling(
            is_decided,
            "a",
            name,
            None if points is None else Fraction(points),
            day and date.fromisoformat(day),
            "",
            "样裁1号",
            Address(1, at),
        )
        for at, (points, day, is_decided) in enumerate(given, 2)
    )
    return facts_of("a", {("a", k): v for k, v in figures.items()}, points_rulings=rulings)


@pytest.mark.parametrize(
    ("given", "points", "warnings", "infos"),
    [
        ([(8, "2016-01-10", True)], 8, [], []),
        ([(8, "2016-01-10", True), (6, "2016-01-09", True)], 8, [], []),
        ([(8, None, True), (6, "2016-01-09", True)], 6, [], []),
        ([(11, "2016-01-10", True)], 10, ["ruling_outside"], []),
        ([(-1, "2016-01-10", True)], 0, ["ruling_outside"], []),
        ([(8, "2016-01-10", False)], 5, [], ["appeal_open"]),
        ([(None, "2016-01-10", True)], 5, [], []),
    ],
)
def test_a_ruling_sets_the_points(
    given: list[Any], points: int, warnings: list[str], infos: list[str]
) -> None:
    year = year_of(leaf("{linear: {of: value, full_at: 100}}"))
    scored = score(year, ruled(*given, x=50))
    assert points_of(scored) == {"a": points}
    assert (codes(scored, "warning"), codes(scored, "info"), codes(scored)) == (warnings, infos, [])
    assert [(a.before, a.after) for a in scored.adjustments] == ([(5, points)] if points != 5 else [])


@pytest.mark.parametrize("policy", ["zero", "rescale", "none", "error"])
def test_a_ruling_settles_what_a_policy_left(policy: str) -> None:
    year = year_of(leaf("{linear: {}}", 10, f"missing: {{not_reported: {policy}}}"))
    scored = score(year, ruled((8, "2016-01-10", True)))
    assert (item(scored).points, item(scored).full, item(scored).ruled) == (8, 10, Address(1, 2))
    assert (scored.results[0].open_items, scored.results[0].rescale, codes(scored)) == ((), 1, [])


def test_a_ruling_on_nothing_is_an_error() -> None:
    scored = score(year_of(leaf("{linear: {}}")), ruled((8, "2016-01-10", True), name="别项"))
    assert codes(scored) == ["ruling_item_unknown"]


SEVERAL = "{sum: [{bands: [[9, 10]]}, {bands: {of: {indicator: y}, points: [[9, 10]]}}]}"
EITHER = "{first: {branches: [{if: {of: {indicator: y}, at_least: 9}, then: 10}], otherwise: 0}}"


@pytest.mark.parametrize(
    ("rule", "x", "y", "state"),
    [
        ("{bands: [[9, 10]]}", 5, 0, "value"),  # worth nothing, and still no zero
        ("{bands: [[9, 10]]}", 0, 5, "zero"),
        (
            "{bands: {of: {as: [value, rank]}, points: [[1, 10]]}}",
            0,
            5,
            "zero",
        ),  # a place, of a figure of zero
        ("{bands: [[9, 10]]}", "rejected", 5, "rejected"),
        (SEVERAL, 0, 0, "zero"),
        (SEVERAL, 0, 5, "value"),
        (SEVERAL, "not_reported", 5, "value"),
        (SEVERAL, "not_reported", 0, "zero"),
        (SEVERAL, "not_reported", "rejected", "not_reported"),
        (EITHER, 5, "rejected", "rejected"),  # it gave the points of `otherwise`, and says on what context
        ("10", 5, 5, "value"),
    ],
)
def test_the_state_is_that_of_the_data_whatever_it_earned(rule: str, x: Any, y: Any, state: str) -> None:
    year = year_of(leaf(rule), groups={"a": "g", "b": "g"})
    scored = score(year, facts_of("ab", {("a", "x"): x, ("a", "y"): y, ("b", "x"): 1, ("b", "y"): 1}))
    assert item(scored).state == state
