"""Numbers beside targets, years and peers: what is said where there is nothing to compare with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, LateReport, PastResult, RaterScore, VetoEvent
from flows.score.engine.scoring import score
from flows.score.engine.scoring_context import AssessmentError
from flows.score.sources.input import ResolvedInput
from tests.score.made import codes, facts_of, leaf, year_of

Amounts = dict[str, Fraction | None]


def readings(of: str, figures: dict[Any, Any], **more: Any) -> dict[str, ResolvedInput]:
    """Unit → the number that a rule reads; `targets`, `groups` and `directions` as for a year, the rest are facts."""
    targets, groups = more.pop("targets", {}), more.pop("groups", None)
    directions = more.pop("directions", {})
    year = year_of(
        leaf(f"{{steps: {{of: {of}, start: 0, above: 0, below: 0, parts: share}}}}"), targets, groups
    )
    units = more.pop("units", tuple(sorted({unit for unit, _ in figures})))
    scored = score(year, facts_of(units, figures, **more), directions)
    return {s.unit: s.trace.inputs[0] for s in scored.items if s.item == "x" and s.trace}


def amounts(of: str, figures: dict[Any, Any], **more: Any) -> Amounts:
    return {unit: reading.amount for unit, reading in readings(of, figures, **more).items()}


def x(**given: Any) -> dict[tuple[str, str], Any]:
    return {(unit, "x"): value for unit, value in given.items()}


PEERS = x(a=30, b=20, c=20, d=10)


@pytest.mark.parametrize(
    ("of", "up", "down"),
    [
        ("rank", [1, 2, 2, 4], [4, 2, 2, 1]),
        ("rank_from_last", [4, 2, 2, 1], [1, 2, 2, 4]),
        ("share_of_best", [1, "2/3", "2/3", "1/3"], ["1/3", "1/2", "1/2", 1]),
        ("position", [1, "1/2", "1/2", 0], [0, "1/2", "1/2", 1]),
        ("share_of_mean", ["3/2", 1, 1, "1/2"], ["3/2", 1, 1, "1/2"]),
        ("excess_over_mean", [10, 0, 0, -10], [10, 0, 0, -10]),
    ],
)
def test_beside_peers(of: str, up: list[Any], down: list[Any]) -> None:
    for direction, expected in (("up", up), ("down", down)):
        found = amounts(of, PEERS, directions={"x": direction})
        assert list(found.values()) == [Fraction(v) for v in expected], direction


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("share_of_best", None),
        ("position", None),
        ("share_of_mean", None),
        ("rank", 1),
        ("excess_over_mean", 0),
    ],
)
def test_all_peers_zero(of: str, expected: int | None) -> None:
    found = readings(of, x(a=0, b=0))
    assert {r.amount for r in found.values()} == {expected}
    if expected is None:
        assert {r.state for r in found.values()} == {"not_applicable"}


@pytest.mark.parametrize("of", ["share_of_best", "position", "share_of_mean"])
def test_all_peers_zero_with_a_word_of_the_scheme(of: str) -> None:
    assert amounts(f"{{as: {of}, undefined: 1}}", x(a=0, b=0)) == {"a": 1, "b": 1}


def test_none_is_the_best_where_less_is_better() -> None:
    assert amounts("share_of_best", x(a=0, b=5), directions={"x": "down"}) == {"a": 1, "b": 0}


def test_a_group_of_one_is_its_own_best_and_mean() -> None:
    for of, expected in (("rank", 1), ("share_of_best", 1), ("share_of_mean", 1), ("position", None)):
        assert amounts(of, x(a=5)) == {"a": expected}, of
    assert amounts("{as: share_of_mean, with_self: false}", x(a=5)) == {"a": None}


def test_peers_are_those_of_the_group_or_all() -> None:
    groups = {"a": "g", "b": "g", "c": "h", "d": "h"}
    assert list(amounts("rank", PEERS, groups=groups).values()) == [1, 2, 1, 2]
    assert list(amounts("{as: rank, peers: all}", PEERS, groups=groups).values()) == [1, 2, 2, 4]


def test_units_without_a_number_are_no_peers() -> None:
    found = readings("rank", {**PEERS, ("a", "x"): "not_reported"})
    assert [r.amount for r in found.values()] == [None, 1, 1, 3]
    assert found["a"].state == "not_reported"
    assert found["b"].steps[-1].made_with["peers"] == 3


def test_means_with_and_without_the_unit_simple_and_weighted() -> None:
    figures = {**x(a=10, b=20), ("a", "w"): 1, ("b", "w"): 3}
    assert amounts("{as: excess_over_mean}", figures) == {"a": -5, "b": 5}
    assert amounts("{as: excess_over_mean, with_self: false}", figures) == {"a": -10, "b": 10}
    assert amounts("{as: excess_over_mean, weighted_by: w}", figures) == {
        "a": Fraction(-15, 2),
        "b": Fraction(5, 2),
    }
    alone = amounts("{as: excess_over_mean, weighted_by: w, with_self: false}", figures)
    assert alone == {"a": -10, "b": 10}
    assert amounts("{as: excess_over_mean, weighted_by: v}", figures) == {"a": None, "b": None}


def test_steps_name_what_was_compared_with() -> None:
    found = readings("[growth, rank]", {**PEERS, ("a", "x@2014"): 20, ("b", "x@2014"): 20})
    steps = [(s.transform and s.transform.name, list(s.made_with)) for s in found["a"].steps]
    assert steps == [(None, []), ("growth", ["before"]), ("rank", ["peers"])]
    assert found["a"].amount == 1
    assert found["c"].state == "not_reported"


@pytest.mark.parametrize(
    ("target", "attainment", "excess"),
    [(10, "1/2", -5), (-10, "-1/2", 15), (0, None, 5), ("0.5", 10, "9/2")],
)
def test_beside_a_target_also_zero_and_negative(target: Any, attainment: Any, excess: Any) -> None:
    given = {"targets": {("a", "x"): target}}
    expected = None if attainment is None else Fraction(attainment)
    assert amounts("attainment", x(a=5), **given) == {"a": expected}
    assert amounts("excess", x(a=5), **given) == {"a": Fraction(excess)}
    assert amounts("{as: attainment, undefined: 1}", x(a=5), targets={("a", "x"): 0}) == {"a": 1}


def test_without_a_target() -> None:
    found = readings("attainment", x(a=5, b="not_reported"))
    assert {u: r.state for u, r in found.items()} == {"a": "no_target", "b": "not_reported"}


@pytest.mark.parametrize(
    ("before", "growth", "change", "state"),
    [
        (4, "1/4", 1, "value"),
        (5, 0, 0, "zero"),
        (0, None, 5, "not_applicable"),
        ("rejected", None, None, "rejected"),
    ],
)
def test_beside_the_year_before(before: Any, growth: Any, change: Any, state: str) -> None:
    figures = {("a", "x"): 5, ("a", "x@2014"): before}
    found = readings("growth", figures)["a"]
    assert (found.amount, found.state) == (None if growth is None else Fraction(growth), state)
    assert amounts("change", figures) == {"a": change}


def test_periods_of_this_year_and_the_one_before() -> None:
    figures = {("a", "x@U2015"): 3, ("a", "x@2015-03"): 4, ("a", "x@2014-03"): 2}
    assert amounts("{period: 'U{year}'}", figures) == {"a": 3}
    assert amounts("{period: '{year}-03', as: growth}", figures) == {"a": 1}


def test_mean_of_units_below_that_have_a_number() -> None:
    figures = {("a", "x"): 9, ("a1", "x"): 1, ("a2", "x"): 2, ("a3", "x"): "not_reported"}
    given = {"units": ("a", "b"), "children": {"a": ("a1", "a2", "a3"), "b": ()}}
    found = readings("{children: true}", figures, **given)
    assert (found["a"].amount, found["b"].state) == (Fraction(3, 2), "not_applicable")


def rater(
    points: Any, full: Any = 100, group: str = "leader", item: str = "x", opinion: Any = None
) -> RaterScore:
    amount = None if points is None else Fraction(points)
    return RaterScore("a", item, group, amount, full and Fraction(full), opinion, Address(1, 2))


def test_rater_scores_are_shares_of_their_full_points() -> None:
    scores = (rater(50), rater(40, 50), rater(3, 4, "department"))
    assert amounts("{scores: leader}", x(a=1), scores=scores) == {"a": Fraction(13, 20)}
    scores = tuple(rater(n) for n in (0, 70, 80, 100))
    assert amounts("{scores: leader, trim: 1}", x(a=1), scores=scores) == {"a": Fraction(3, 4)}
    assert amounts("{scores: leader, trim: 2}", x(a=1), scores=scores) == {"a": None}


def test_rater_scores_name_an_item_by_id_or_label() -> None:
    for name in ("x", "考核项", " 考 核 项 ", "Ｘ"):
        assert amounts("{scores: leader}", x(a=1), scores=(rater(50, item=name),)) == {"a": Fraction(1, 2)}
    scored = score(
        year_of(leaf("{linear: {of: {scores: leader}}}")), facts_of("a", scores=(rater(50, item="别项"),))
    )
    assert codes(scored) == ["rater_missing"]
    assert codes(scored, "warning") == ["rater_item_unknown"]


def test_a_score_without_full_points_is_taken_from_those_of_the_item() -> None:
    year = year_of(leaf("{linear: {of: {scores: leader}}}"))
    scored = score(year, facts_of("a", scores=(rater(5, None),)))
    assert [s.points for s in scored.items] == [5]
    assert codes(scored, "warning") == ["rater_without_full"]


def test_opinions_must_agree() -> None:
    year = year_of(leaf("{table: {of: {opinion: leader}, points: {good: 10}, otherwise: 0}}"))
    for given, points, found in [
        (("good", "good"), 10, []),
        (("bad",), 0, []),
        (("good", "bad"), None, ["opinion_disagrees"]),
        ((), None, ["rater_missing"]),
    ]:
        scored = score(year, facts_of("a", scores=tuple(rater(None, None, opinion=o) for o in given)))
        assert ([s.points for s in scored.items], codes(scored)) == ([points], found), given


def test_results_of_years_before() -> None:
    past = (
        PastResult("a", 2014, Fraction(90), 3, 2, "first"),
        PastResult("a", 2013, None, None, None, "none"),
    )
    given = {"past": past, "units": ("a", "b")}
    assert amounts("{past: points}", x(a=1), **given) == {"a": 90, "b": None}
    assert amounts("{past: rank}", x(a=1), **given) == {"a": 3, "b": None}
    rule = "{first: {branches: [{if: {of: {past: grade}, is: first}, then: 5}], otherwise: 0}}"
    scored = score(year_of(leaf(rule)), facts_of("ab", past=past))
    assert [s.points for s in scored.items] == [5, 0]


def test_late_reports_and_their_days() -> None:
    late = (
        LateReport("a", "r", "2015-01", 2),
        LateReport("a", "r", "2015-02", 3),
        LateReport("a", "q", "2015", None),
    )
    found = {
        "{late: [r]}": 2,
        "{late: [r, q]}": 3,
        "{late: [p]}": 0,
        "{late: [r], late_unit: days}": 5,
        "{late: [r, q], late_unit: days}": None,
    }
    for of, amount in found.items():
        assert amounts(of, x(a=1), late=late) == {"a": amount}, of


@pytest.mark.parametrize(("appealed", "count"), [("applies", 2), ("suspended", 1)])
def test_events_under_appeal_count_as_the_scheme_says(appealed: str, count: int) -> None:
    rule = "{steps: {of: {veto: [accident]}, start: 0, above: 1, parts: share}}"
    events = tuple(
        VetoEvent("a", "accident", is_appealed, "样1号", Address(1, n))
        for n, is_appealed in enumerate((False, True))
    )
    scored = score(year_of(leaf(rule) + f"\nappealed_veto: {appealed}"), facts_of("a", vetoes=events))
    assert [s.points for s in scored.items] == [count]


def test_points_of_another_item_and_a_ring_of_them() -> None:
    other = "{id: y, label: 另项, points: 10, rule: %s}"
    text = leaf("{linear: {of: {item: y}, full_at: 10}}")[:-1] + ", " + other
    assert [s.points for s in score(year_of(text % "4" + "]"), facts_of("a")).items] == [4, 4]
    ring = text % "{linear: {of: {item: x}, full_at: 10}}" + "]"
    with pytest.raises(AssessmentError, match="x → y → x"):
        score(year_of(ring), facts_of("a"))
