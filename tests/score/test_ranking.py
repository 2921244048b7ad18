"""Places and grades: ties, quotas at their edges, barred units, groups of one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, Decision, PastResult, VetoEvent
from flows.score.engine.result import Scored
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_model import Grade
from tests.score.made import codes, facts_of, year_of


def scored(
    totals: dict[str, Any], more: str = "", groups: dict[str, str] | None = None, **facts: Any
) -> Scored:
    """A scheme of one item whose points are the figure."""
    text = (
        "items: [{id: x, label: 项, points: 100, indicator: x, rule: {linear: {of: value, full_at: 100}}}]\n"
    )
    figures = {(unit, "x"): value for unit, value in totals.items()}
    return score(
        year_of(text + more, groups=groups or dict.fromkeys(totals, "g")),
        facts_of(tuple(totals), figures, **facts),
    )


def grades(*args: Any, **more: Any) -> str:
    """Initials of the grades in order of unit; - is none."""
    letters = {"first": "1", "second": "2", "third": "3", "none": "-"}
    return "".join(letters[r.grade] for r in scored(*args, **more).results)


def listed(*levels: str, barred: str = "passes_on", edge: str = "extend", scope: str = "group") -> str:
    names = ("first", "second", "third")
    rows = ", ".join(
        f"{{grade: {n}{level and ', ' + level}}}" for n, level in zip(names, levels, strict=False)
    )
    return f"grades: {{scope: {scope}, barred: {barred}, edge_tie: {edge}, list: [{rows}]}}"


@pytest.mark.parametrize(("ties", "places"), [("shared", [1, 1, 3, 4, 4]), ("dense", [1, 1, 2, 3, 3])])
def test_equal_totals_share_a_place(ties: str, places: list[int]) -> None:
    found = scored({"a": 90, "b": 90, "c": 80, "d": 70, "e": 70}, f"rank: {{ties: {ties}}}")
    assert [r.group_rank for r in found.results] == places
    assert [r.overall_rank for r in found.results] == places


def test_places_in_the_group_and_among_all() -> None:
    found = scored({"a": 90, "b": 80, "c": 85}, groups={"a": "g", "b": "g", "c": "h"})
    assert [(r.group_rank, r.overall_rank) for r in found.results] == [(1, 1), (2, 3), (1, 2)]


@pytest.mark.parametrize(("order", "places"), [("[round, rank]", [1, 1, 3]), ("[rank, round]", [2, 1, 3])])
def test_rank_on_rounded_or_unrounded_totals(order: str, places: list[int]) -> None:
    steps = order.strip("[]")
    more = f"order: [items, rescale, gates, {steps}, grades]\nrounding: {{total: 1}}"
    found = scored({"a": "80.04", "b": "80.049", "c": "79.94"}, more)
    assert [r.group_rank for r in found.results] == places
    assert [r.total for r in found.results] == [80, 80, Fraction(799, 10)]


@pytest.mark.parametrize(
    ("by", "facts", "places"),
    [
        ("[past_rank]", {"past": (PastResult("b", 2014, None, 2, 2, "first"),)}, [2, 1, 2]),
        ("[past_rank]", {"past": (PastResult("b", 2013, None, 2, 2, "first"),)}, [1, 1, 1]),
        (
            "[decision]",
            {"decisions": (Decision("c", 1, "", "", Address(1, 1)), Decision("a", 2, "", "", Address(1, 2)))},
            [2, 3, 1],
        ),
        ("['item:x']", {}, [1, 1, 1]),
        ("[base_points, bonus_points]", {}, [1, 1, 1]),
    ],
)
def test_what_breaks_a_tie(by: str, facts: dict[str, Any], places: list[int]) -> None:
    found = scored({"a": 90, "b": 90, "c": 90}, f"rank: {{ties: shared, break: {by}}}", **facts)
    assert [r.group_rank for r in found.results] == places


def test_the_latest_decision_counts() -> None:
    decisions = (
        Decision("a", 1, "", "", Address(1, 1)),
        Decision("a", 3, "", "", Address(1, 2)),
        Decision("b", 2, "", "", Address(1, 3)),
    )
    for given in (decisions, decisions[::-1]):
        found = scored({"a": 90, "b": 90}, "rank: {ties: shared, break: [decision]}", decisions=given)
        assert [r.group_rank for r in found.results] == [2, 1]


@pytest.mark.parametrize(
    ("text", "units", "places"),
    [
        ("share: 0.3, round: floor", 9, 2),
        ("share: 0.3, round: floor", 10, 3),
        ("share: 0.3, round: ceil", 10, 3),
        ("share: 0.3, round: ceil", 11, 4),
        ("share: 0.25, round: half_up", 9, 2),
        ("share: 0.25, round: half_up", 10, 3),
        ("share: 0.1", 9, 0),
        ("share: 0.1, at_least_units: 1", 9, 1),
        ("share: 1", 1, 1),
        ("count: 0", 5, 0),
        ("count: 7", 5, 7),
    ],
)
def test_how_many_places(text: str, units: int, places: int) -> None:
    pairs = dict(part.split(": ") for part in text.split(", "))
    assert Grade.model_validate({"grade": "first", **pairs}).quota(units) == places


def test_no_quota_no_limit() -> None:
    assert Grade(grade="first").quota(5) is None


@pytest.mark.parametrize(
    ("edge", "totals", "expected"),
    [
        ("extend", [90, 80, 80, 70], "1112"),
        ("drop", [90, 80, 80, 70], "1222"),
        ("decide", [90, 80, 80, 70], "1222"),
        # no tie at the edge
        ("extend", [90, 80, 70, 70], "1122"),
        ("drop", [90, 80, 70, 70], "1122"),
        ("decide", [80, 80, 70, 70], "1122"),
        # all of them tied
        ("extend", [80, 80, 80, 80], "1111"),
        ("drop", [80, 80, 80, 80], "2222"),
    ],
)
def test_equal_ranks_at_the_last_place(edge: str, totals: list[int], expected: str) -> None:
    assert grades(dict(zip("abcd", totals, strict=True)), listed("count: 2", "", edge=edge)) == expected


def test_a_tie_nobody_decided_is_an_error_for_each() -> None:
    more = listed("count: 2", "", edge="decide")
    found = scored({"a": 90, "b": 80, "c": 80}, more)
    assert [(f.code, f.unit) for f in found.findings] == [("tie_at_edge", "b"), ("tie_at_edge", "c")]
    decided = (Decision("c", 1, "", "样定1号", Address(1, 1)), Decision("b", 2, "", "样定1号", Address(1, 2)))
    settled = scored({"a": 90, "b": 80, "c": 80}, more, decisions=decided)
    assert ([r.grade for r in settled.results], settled.findings) == (["first", "second", "first"], ())
    assert [r.group_rank for r in settled.results] == [1, 2, 2]
    equal = tuple(Decision(u, 1, "", "", Address(1, n)) for n, u in enumerate("bc"))
    assert codes(scored({"a": 90, "b": 80, "c": 80}, more, decisions=equal)) == ["tie_at_edge"] * 2
    assert codes(scored({"a": 90, "b": 80, "c": 80}, more, decisions=decided[:1])) == ["tie_at_edge"] * 2


@pytest.mark.parametrize(
    ("first", "expected"),
    [("min_points: 80", "1122"), ("min_points: 80.01", "1222"), ("count: 3, min_points: 79.99", "1122")],
)
def test_least_points_of_a_grade(first: str, expected: str) -> None:
    assert grades({"a": 90, "b": 80, "c": "79.98", "d": 10}, listed(first, "")) == expected


def test_what_no_grade_takes_is_none() -> None:
    assert grades({"a": 90, "b": 80, "c": 50, "d": 40}, listed("count: 1", "min_points: 60")) == "12--"
    assert grades({"a": 90}, listed("count: 0", "count: 0")) == "-"


def test_a_group_of_one_is_ranked_and_graded_like_any_other() -> None:
    groups = {"a": "g", "b": "g", "c": "h"}
    more = listed("share: 0.5", "")
    assert grades({"a": 90, "b": 80, "c": 10}, more, groups=groups) == "122"
    assert (
        grades({"a": 90, "b": 80, "c": 10}, listed("share: 0.5, at_least_units: 1", ""), groups=groups)
        == "121"
    )
    assert [r.group_rank for r in scored({"a": 90, "b": 80, "c": 10}, groups=groups).results] == [1, 2, 1]


def test_grades_over_all_groups() -> None:
    groups = {"a": "g", "b": "g", "c": "h", "d": "h"}
    assert (
        grades({"a": 70, "b": 60, "c": 90, "d": 80}, listed("count: 1", "", scope="group"), groups=groups)
        == "1212"
    )
    assert (
        grades({"a": 70, "b": 60, "c": 90, "d": 80}, listed("count: 2", "", scope="all"), groups=groups)
        == "2211"
    )


def gate(effect: str, unit: str = "a") -> str:
    """A gate that holds for the unit with 90 (a), by its points."""
    least = {"a": 90, "b": 80}[unit]
    bounds = f"at_least: {least}, less_than: {least + 1}"
    return f"\ngates: [{{id: v, label: 否决, if: {{of: {{item: x}}, {bounds}}}, effect: {effect}}}]"


@pytest.mark.parametrize(
    ("effect", "passes_on", "keeps_place"),
    [
        ("no_award", "-122", "-223"),
        ("{at_best: second}", "2123", "2233"),
        ("{at_best: third}", "3122", "3223"),
        ("lowest", "3122", "3223"),
        # lowered after the places are given
        ("lower_one", "2223", "2223"),
    ],
)
def test_the_place_of_a_barred_unit(effect: str, passes_on: str, keeps_place: str) -> None:
    for barred, expected in (("passes_on", passes_on), ("keeps_place", keeps_place)):
        more = listed("count: 1", "count: 2", "", barred=barred) + gate(effect)
        assert grades({"a": 90, "b": 80, "c": 70, "d": 60}, more) == expected, barred


def test_a_barred_unit_uses_up_one_place_not_one_of_each_grade() -> None:
    more = listed("count: 1", "count: 1", "", barred="keeps_place") + gate("no_award")
    assert grades({"a": 90, "b": 80, "c": 70, "d": 60}, more) == "-233"


def test_lowered_below_the_last_grade_is_none() -> None:
    assert grades({"a": 90, "b": 80}, listed("") + gate("lower_one")) == "-1"


def test_a_barred_unit_in_a_tie_at_the_edge() -> None:
    totals = {"a": 90, "b": 80, "c": 80, "d": 70}
    more = listed("count: 2", "", barred="passes_on", edge="drop")
    # b and c tie at the last place; without b the place is c's
    text = f"{more}\ngates: [{{id: v, label: 否决, if: {{of: {{veto: [accident]}}, at_least: 1}}, effect: no_award}}]"
    events = (VetoEvent("b", "accident", False, "样1号", Address(1, 1)),)
    assert grades(totals, text, vetoes=events) == "1-12"
    assert grades(totals, text) == "1222"


@pytest.mark.parametrize(
    ("edge", "firsts", "expected"),
    [
        # b is barred and ties with c: c goes first, and b uses up the place that is left, if one is
        ("drop", 2, "1-13"),
        ("extend", 2, "1-13"),
        ("decide", 2, "1-13"),
        ("drop", 3, "1-12"),
        ("drop", 1, "1-23"),
    ],
)
def test_among_equals_a_barred_unit_gives_way(edge: str, firsts: int, expected: str) -> None:
    more = listed(f"count: {firsts}", "count: 1", "", barred="keeps_place", edge=edge)
    text = f"{more}\ngates: [{{id: v, label: 否决, if: {{of: {{veto: [accident]}}, at_least: 1}}, effect: no_award}}]"
    events = (VetoEvent("b", "accident", False, "样1号", Address(1, 1)),)
    assert grades({"a": 90, "b": 80, "c": 80, "d": 70}, text, vetoes=events) == expected
