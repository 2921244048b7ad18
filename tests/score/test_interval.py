"""Where points, places and grades may lie: every outcome of what is open lies within, and nothing settled moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.score.bounds.intervals import Bounds
from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Decision,
    Facts,
    PointsRuling,
    RaterScore,
    VetoEvent,
)
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score.made import bounds_of, correction, facts_of, figure_of, key_of, leaf, year_of

ONE = "{linear: {of: value, full_at: 100}}"
TWO_GRADES = (
    "\ngrades: {barred: passes_on, edge_tie: extend, list: [{grade: first, count: 1}, {grade: second}]}"
)


def of_a(year: SchemeYear, facts: Facts) -> Bounds:
    return bounds_of(year, facts)["a"]


def points(year: SchemeYear, facts: Facts, item: str = "x") -> tuple[Fraction, Fraction]:
    return of_a(year, facts).items[item]


@pytest.mark.parametrize(
    ("x", "ends"),
    [
        (50, (5, 5)),
        ((40, 50, 60), (4, 6)),
        ((50, 50, 60), (5, 6)),
        ((40, 50, 50), (4, 5)),
        # an open end: nobody knows how far
        ((None, 50, 60), (0, 10)),
        ((40, 50, None), (0, 10)),
        ((0, None, 30), (0, 3)),
        ("not_reported", (0, 0)),
    ],
)
def test_points_between_the_ends_of_a_figure(x: Any, ends: tuple[int, int]) -> None:
    assert points(year_of(leaf(ONE)), facts_of("a", {("a", "x"): x})) == ends


def test_less_may_give_more() -> None:
    falling = leaf("{linear: {of: value, zero_at: 100, full_at: 0}}")
    assert points(year_of(falling), facts_of("a", {("a", "x"): (40, 50, 60)})) == (4, 6)


def test_the_figure_that_counts_may_give_most() -> None:
    around = leaf("{steps: {at: 50, above: -1, below: -1, parts: share}}")
    assert points(year_of(around), facts_of("a", {("a", "x"): (48, 50, 53)})) == (7, 10)


def test_own_low_against_the_others_high_and_the_reverse() -> None:
    figures = {("a", "x"): (40, 50, 60), ("b", "x"): (45, 55, 58), ("c", "x"): 10}
    best = leaf("{linear: {of: share_of_best}}")
    assert points(year_of(best), facts_of("abc", figures)) == (Fraction(400, 58), 10)
    found = bounds_of(year_of(leaf(ONE) + TWO_GRADES), facts_of("abc", figures))
    assert {u: (b.rank_best, b.rank_worst) for u, b in found.items()} == {
        "a": (1, 2),
        "b": (1, 2),
        "c": (3, 3),
    }
    assert {u: (b.grade_best, b.grade_worst) for u, b in found.items()} == {
        "a": ("first", "second"),
        "b": ("first", "second"),
        "c": ("second", "second"),
    }
    assert {u: b.is_final for u, b in found.items()} == {"a": False, "b": False, "c": True}


def test_other_groups_do_not_matter() -> None:
    groups = {"a": "g", "b": "h"}
    year = year_of(leaf(ONE) + TWO_GRADES, groups=groups)
    found = bounds_of(year, facts_of("ab", {("a", "x"): 50, ("b", "x"): (40, 50, 60)}))["a"]
    assert (found.rank_worst, found.grade_worst, found.is_final) == (1, "first", True)


@pytest.mark.parametrize(("known_on", "is_final"), [("2016-02-28", False), ("2016-02-29", True)])
def test_after_the_closing_day_nothing_comes_in(known_on: str, is_final: bool) -> None:
    figures = {("a", "x"): (40, 50, 60), ("b", "x"): (45, 55, 58)}
    facts = facts_of("ab", figures, known_on=date.fromisoformat(known_on))
    found = of_a(year_of(leaf(ONE) + TWO_GRADES), facts)
    assert found.is_final is is_final
    assert (found.total_low == found.total_high == 5) is is_final


@pytest.mark.parametrize("known_on", [None, date(2017, 1, 1)])
def test_a_score_that_is_owed_may_be_anything_and_is_never_final(known_on: date | None) -> None:
    year = year_of(leaf("{linear: {of: {scores: leader}}}", 10, "floor: -2"))
    found = of_a(year, facts_of("a", known_on=known_on))
    assert (found.items["x"], found.is_final, found.grade_best) == ((-2, 10), False, "first")
    score_ = RaterScore("a", "x", "leader", Fraction(5), Fraction(10), None, Address(1, 1))
    settled = of_a(year, facts_of("a", scores=(score_,), known_on=known_on))
    assert (settled.items["x"], settled.is_final) == ((5, 5), True)


@pytest.mark.parametrize(("claimed", "ends"), [(8, (5, 8)), (3, (3, 5)), (None, (0, 10)), (99, (5, 10))])
def test_an_appeal_on_points_that_is_open(claimed: int | None, ends: tuple[int, int]) -> None:
    amount = None if claimed is None else Fraction(claimed)
    appeal = PointsRuling(False, "a", "考核项", amount, None, "", "样", Address(1, 1))
    facts = facts_of("a", {("a", "x"): 50}, points_rulings=(appeal,))
    assert points(year_of(leaf(ONE)), facts) == ends


def test_what_is_not_ruled_stays_open_after_the_closing_day_and_makes_a_unit_provisional() -> None:
    late = date(2017, 1, 1)
    year = year_of(leaf(ONE) + TWO_GRADES)
    ruling = PointsRuling(False, "a", "考核项", Fraction(6), None, "", "样", Address(1, 1))
    on_points = facts_of("ab", {("a", "x"): 50, ("b", "x"): 90}, points_rulings=(ruling,), known_on=late)
    found = bounds_of(year, on_points)
    assert found["a"].items["x"] == (5, 6) and not found["a"].is_final  # though its grade cannot move
    assert found["b"].is_final
    about = correction("appealed", 70, address=Address(1, 9))
    figures = {("a", "x"): 50, ("b", "x"): (80, 90, 100)}
    on_figure = bounds_of(year, facts_of("ab", figures, corrections=(about,), known_on=late))
    assert on_figure["a"].items["x"] == (5, 7) and not on_figure["a"].is_final
    assert on_figure["b"].items["x"] == (9, 9) and on_figure["b"].is_final  # rows are closed, rulings are not


def test_a_ruling_settles_what_the_figure_left_open() -> None:
    ruling = PointsRuling(True, "a", "x", Fraction(7), None, "", "样", Address(1, 1))
    facts = facts_of("a", {("a", "x"): (40, 50, None)}, points_rulings=(ruling,))
    assert points(year_of(leaf(ONE)), facts) == (7, 7)


def test_an_appeal_on_a_figure_and_a_verified_one() -> None:
    year = year_of(leaf(ONE))
    figures = {("a", "x"): (40, 50, None)}
    assert points(year, facts_of("a", figures, corrections=(correction("verified", 50),))) == (5, 5)
    appealed = (correction("verified", 50), correction("appealed", 70, address=Address(1, 9)))
    assert points(year, facts_of("a", figures, corrections=appealed)) == (5, 7)


@pytest.mark.parametrize(
    ("given", "high"),
    [
        ({}, 93),
        ({"claimed": 1}, 91),
        ({"kind": "song"}, 90),
        ({"document_no": None}, 90),
        ({"work_year": 2010}, 90),
    ],
)
def test_an_undecided_bonus_may_come_up_to_its_level(given: dict[str, Any], high: int) -> None:
    text = "items: [{id: x, label: 甲, points: 90, rule: 90}]\nbonus: {cap: 9, classes: [{id: c, label: 类, kinds: [award], levels: {national: 3}}]}"
    held: dict[str, Any] = {
        "unit": "a",
        "kind": "award",
        "matter": "事",
        "level": "national",
        "work_year": 2015,
        "counted_year": 2015,
        "claimed": 5,
        "granted": None,
        "document_no": "样",
        "address": Address(1, 1),
    } | given
    held["claimed"] = Fraction(held["claimed"])
    found = of_a(year_of(text), facts_of("a", bonus=(BonusApplication(**held),)))
    assert (found.total_low, found.total_high) == (90, high)


@pytest.mark.parametrize("appealed", ["applies", "suspended"])
def test_an_event_under_appeal_may_stand_or_be_lifted(appealed: str) -> None:
    gate = "\ngates: [{id: v, label: 事故, if: {of: {veto: [accident]}, at_least: 1}, effect: no_award}]"
    year = year_of(leaf(ONE) + gate + f"\nappealed_veto: {appealed}")
    event = VetoEvent("a", "accident", True, "样", Address(1, 1))
    found = of_a(year, facts_of("a", {("a", "x"): 50}, vetoes=(event,)))
    assert (found.grade_best, found.grade_worst, found.is_final) == ("first", "none", False)
    stands = of_a(year, facts_of("a", {("a", "x"): 50}, vetoes=(replace(event, is_appealed=False),)))
    assert (stands.grade_best, stands.grade_worst, stands.is_final) == ("none", "none", True)


def test_a_gate_on_a_figure_that_may_move() -> None:
    gate = "\ngates: [{id: v, label: 必备, if: {of: {indicator: x}, less_than: 50}, effect: {void: [x], no_award: true}}]"
    year = year_of(leaf(ONE) + gate)
    found = of_a(year, facts_of("a", {("a", "x"): (40, 60, 70)}))
    assert (found.items["x"], found.grade_best, found.grade_worst) == ((0, 7), "first", "none")


def test_a_tie_nobody_decided_may_go_either_way() -> None:
    text = leaf(ONE) + TWO_GRADES.replace("extend", "decide")
    figures = {("a", "x"): 50, ("b", "x"): 50}
    found = of_a(year_of(text), facts_of("ab", figures))
    assert (found.grade_best, found.grade_worst, found.is_final) == ("first", "second", False)
    decisions = (Decision("a", 1, "", "", Address(1, 1)), Decision("b", 2, "", "", Address(1, 2)))
    decided = of_a(year_of(text), facts_of("ab", figures, decisions=decisions))
    assert (decided.grade_best, decided.grade_worst, decided.is_final) == ("first", "first", True)


@pytest.mark.parametrize(
    ("others", "places"),
    [
        ([60, 60, 70], (3, 3)),
        ([(55, 60, 70), 60, 70], (3, 4)),
        ([(55, 60, 65), (55, 60, 65), 40], (2, 3)),
        ([(40, 60, 65), (55, 60, 65)], (2, 3)),
    ],
)
def test_dense_places_count_different_totals(others: list[Any], places: tuple[int, int]) -> None:
    figures = {("a", "x"): 50} | {(u, "x"): v for u, v in zip("bcd", others, strict=False)}
    year = year_of(leaf(ONE) + "\nrank: {ties: dense}")
    found = of_a(year, facts_of("abcd"[: len(figures)], figures))
    assert (found.rank_best, found.rank_worst) == places


def test_units_below_move_their_mean() -> None:
    year = year_of(leaf("{linear: {of: {children: true, as: value}, full_at: 100}}"))
    facts = facts_of("a", {("a1", "x"): 50, ("a2", "x"): (30, 50, 90)}, children={"a": ("a1", "a2")})
    assert points(year, facts) == (4, 7)


def test_an_item_that_reads_another_moves_with_it() -> None:
    text = leaf(ONE)[:-1] + ", {id: y, label: 乙, points: 5, rule: {linear: {of: {item: x}, full_at: 10}}}]"
    facts = facts_of("a", {("a", "x"): (40, 50, 60)})
    assert points(year_of(text), facts, "y") == (2, 3)


def test_what_is_left_out_may_come_in() -> None:
    """A rejected figure with undecided rows: 8 of 10 points scaled up to 16 of 20, or with its own 0 to 6 more."""
    text = """
items:
  - {id: x, label: 甲, points: 10, indicator: x, missing: {rejected: rescale}, rule: {linear: {of: value, full_at: 100}}}
  - {id: y, label: 乙, points: 10, rule: 8}
total: 20
"""
    found = of_a(year_of(text), facts_of("a", {("a", "x"): (10, None, 60)}))
    assert (found.total_low, found.total_high) == (9, 16)


MIXED = year_of(
    """
items:
  - id: b
    label: 块
    cap: 17
    items:
      - {id: x, label: 甲, points: 10, indicator: x, rule: {linear: {}}}
      - {id: y, label: 乙, points: 10, indicator: y, rule: {bands: [[60, 10], [40, 6], [20, 1]]}}
  - {id: r, label: 丙, points: 10, indicator: x, rule: {steps: {of: rank, at: 1, above: -3, parts: share}}}
  - {id: m, label: 丁, points: 10, indicator: y, rule: {linear: {of: {as: position, undefined: 1}}}}
  - {id: w, label: 戊, points: 5, indicator: x, rule: {steps: {of: share_of_mean, start: 3, at: 1, per: 0.1, above: 1, below: -1, parts: drop}}}
  - {id: s, label: 己, points: 10, rule: {sum: [{linear: {of: {indicator: x}, points: 10, full_at: 90}}, {steps: {of: {indicator: y, as: rank}, start: 0, at: 1, above: -2, parts: share, least: -9}}]}}
  - {id: t, label: 庚, points: 9, floor: -9, indicator: x, rule: {tally: {points: {p: 0.1, q: -0.1}, start: 2, least: -9}}}
gates:
  - {id: v, label: 必备, if: {of: {indicator: y}, less_than: 10}, effect: {at_best: second}}
  - {id: u, label: 双率, if: {all: [{of: {indicator: x}, less_than: 30}, {of: {indicator: y}, more_than: 60}]}, effect: lower_one}
rank: {ties: shared, break: ['item:x']}
grades: {barred: passes_on, edge_tie: drop, list: [{grade: first, share: 0.5}, {grade: second, min_points: 15}, {grade: third}]}
""",
    {(u, "x"): 60 for u in "abc"},
)
SPAN = st.lists(st.integers(1, 90), min_size=3, max_size=3).map(sorted).map(tuple)


@settings(max_examples=30, deadline=None)
@given(
    spans=st.lists(SPAN, min_size=12, max_size=12),
    chosen=st.lists(st.integers(0, 100), min_size=12, max_size=12),
)
def test_every_outcome_lies_within(spans: list[tuple[int, int, int]], chosen: list[int]) -> None:
    slots = list(product("abc", ("x", "y", "x/p", "x/q")))
    facts = facts_of("abc", dict(zip(slots, spans, strict=True)))
    found = bounds_of(MIXED, facts)
    names = ["first", "second", "third", "none"]
    shares = [Fraction(c, 100) for c in chosen]
    for outcome in (shares, [Fraction(int(s >= Fraction(1, 2))) for s in shares]):
        figures = {
            (u, key_of(i)): figure_of(low + (high - low) * share)
            for (u, i), (low, _, high), share in zip(slots, spans, outcome, strict=True)
        }
        scored = score(MIXED, replace(facts, figures=figures))
        for s in scored.items:
            low, high = found[s.unit].items[s.item]
            assert low <= (s.points or 0) <= high, (s.unit, s.item)
        for r in scored.results:
            b = found[r.unit]
            assert b.total_low <= r.total <= b.total_high, r.unit
            assert b.rank_best <= r.group_rank <= b.rank_worst, r.unit
            grade = names.index(r.grade)
            assert names.index(b.grade_best) <= grade <= names.index(b.grade_worst), r.unit


def test_nothing_open_nothing_moves() -> None:
    facts = facts_of("abc", {(u, i): 30 + 7 * n for n, (u, i) in enumerate(product("abc", "xy"))})
    scored = score(MIXED, facts)
    found = bounds_of(MIXED, facts)
    for s in scored.items:
        assert found[s.unit].items[s.item] == (s.points, s.points)
    for r in scored.results:
        b = found[r.unit]
        assert (b.total_low, b.total_high) == (r.total, r.total)
        assert (b.rank_best, b.rank_worst) == (r.group_rank, r.group_rank)
        assert (b.grade_best, b.grade_worst, b.is_final) == (r.grade, r.grade, True)


OPEN = {("a", "x"): 50, ("b", "x"): (40, 50, None), ("c", "x"): 10, ("d", "x"): "not_applicable"}


@pytest.mark.parametrize(
    ("rule", "more", "a", "d"),
    [
        # a mean as policy moves those whose points it gives, and no others
        (ONE, "missing: {not_applicable: group_mean}", (5, 5), (0, 10)),
        (ONE, "missing: {not_applicable: {fixed: 3}}", (5, 5), (3, 3)),
        # beside its peers a unit is as open as they are
        ("{linear: {of: share_of_best}}", "missing: {not_applicable: {fixed: 3}}", (0, 10), (3, 3)),
        # an indicator that is not read opens nothing
        ("7", "", (7, 7), (7, 7)),
    ],
)
def test_what_others_leave_open_counts_only_where_they_matter(rule: str, more: str, a: Any, d: Any) -> None:
    found = bounds_of(year_of(leaf(rule, 10, more)), facts_of("abcd", OPEN))
    assert found["a"].items["x"] == a
    if "share_of_best" not in rule:
        assert found["d"].items["x"] == d
    groups = {"a": "g", "b": "h", "c": "h", "d": "g"}
    apart = bounds_of(year_of(leaf(rule, 10, more), groups=groups), facts_of("abcd", OPEN))
    assert len(set(apart["a"].items["x"])) == 1
