"""Gates: every effect on sums and grades, where in the order they act, and events nothing follows from."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, BonusApplication, Notice, VetoEvent
from flows.score.engine.result import Scored
from flows.score.engine.scoring import score
from tests.score.made import codes, facts_of, year_of

ITEMS = """
items:
  - id: b
    label: 块
    items: [{id: x, label: 甲项, points: 10, rule: 10}, {id: y, label: 乙项, points: 20, rule: 20}]
  - {id: z, label: 丙项, points: 70, indicator: z, rule: {linear: {of: share_of_best}}}
grades: {barred: passes_on, edge_tie: extend, list: [{grade: first, count: 1}, {grade: second, count: 1}, {grade: third}]}
bonus: {cap: 5, classes: [{id: c, label: 类, kinds: [award], levels: {national: 5}}]}
deductions: {classes: [{id: d, label: 扣}]}
"""
EVENT = VetoEvent("a", "accident", False, "样1号", Address(3, 3))


def gated(effect: str, order: str = "", events: tuple[VetoEvent, ...] = (EVENT,)) -> Scored:
    gate = f"gates: [{{id: v, label: 事故, if: {{of: {{veto: [accident, fraud]}}, at_least: 1}}, effect: {effect}}}]"
    bonus = (
        BonusApplication(
            "a", "award", "事", "national", 2015, 2015, Fraction(5), Fraction(3), "样", Address(1, 1)
        ),
    )
    notices = (Notice("a", "x", Fraction(1), "", "样", Address(2, 2)),)
    figures = {("a", "z"): 100, ("b", "z"): 50, ("c", "z"): 40}
    return score(
        year_of(ITEMS + gate + order), facts_of("abc", figures, vetoes=events, bonus=bonus, notices=notices)
    )


@pytest.mark.parametrize(
    ("effect", "base", "total", "rank", "grades"),
    [
        ("no_award", 100, 102, 1, ["none", "first", "second"]),
        ("{at_best: second}", 100, 102, 1, ["second", "first", "third"]),
        ("lower_one", 100, 102, 1, ["second", "second", "third"]),
        ("lowest", 100, 102, 1, ["third", "first", "second"]),
        ("zero_score", 100, 0, 3, ["third", "first", "second"]),
        ("{void: [x]}", 90, 92, 1, ["first", "second", "third"]),
        ("{void: [b]}", 70, 72, 1, ["first", "second", "third"]),
        ("{void: [z]}", 30, 32, 3, ["third", "first", "second"]),
        ("{void: [x, z], lower_one: true}", 20, 22, 3, ["none", "first", "second"]),
        ("{claw_back: 2}", 100, 102, 1, ["first", "second", "third"]),
    ],
)
def test_what_an_effect_does(effect: str, base: int, total: int, rank: int, grades: list[str]) -> None:
    found = gated(effect)
    first = found.results[0]
    assert (first.base, first.total, first.group_rank) == (base, total, rank)
    assert [r.grade for r in found.results] == grades
    # what others are measured by stands
    assert [r.base for r in found.results[1:]] == [65, 58]


@pytest.mark.parametrize(
    ("effect", "hits"),
    [
        ("no_award", [("no_award", "")]),
        ("{at_best: second}", [("at_best", "second")]),
        ("{void: [x, b]}", [("void", "甲项、块")]),
        ("{claw_back: 2}", [("claw_back", "2014、2013")]),
        ("{no_award: true, zero_score: true}", [("no_award", ""), ("zero_score", "")]),
    ],
)
def test_a_hit_names_its_effect_and_its_events(effect: str, hits: list[Any]) -> None:
    found = gated(effect)
    assert [(g.effect, g.detail) for g in found.gates] == hits
    assert {g.addresses for g in found.gates} == {(Address(3, 3),)}


def test_void_items_say_so() -> None:
    found = [(s.item, s.points, s.is_void) for s in gated("{void: [b]}").items if s.unit == "a"]
    assert found == [("b", 0, True), ("x", 0, True), ("y", 0, True), ("z", 70, False)]


@pytest.mark.parametrize(
    ("order", "total", "rank"),
    [
        ("items, gates, rescale, bonus, deductions, round, rank, grades", 0, 3),
        ("items, rescale, bonus, gates, deductions, round, rank, grades", 0, 3),
        ("items, rescale, bonus, deductions, rank, gates, round, grades", 0, 1),
    ],
)
def test_a_score_of_zero_stays_zero_wherever_gates_stand(order: str, total: int, rank: int) -> None:
    result = gated("zero_score", f"\norder: [{order}]").results[0]
    assert (result.total, result.group_rank) == (total, rank)


@pytest.mark.parametrize(
    "order",
    [
        "items, gates, rescale, bonus, deductions, round, rank, grades",
        "items, rescale, round, bonus, gates, deductions, rank, grades",
        "items, rescale, bonus, deductions, round, rank, gates, grades",
    ],
)
def test_void_items_are_taken_out_of_the_sums_wherever_gates_stand(order: str) -> None:
    assert gated("{void: [x]}", f"\norder: [{order}]").results[0].total == 92


def test_no_event_no_effect() -> None:
    found = gated("zero_score", events=())
    assert (found.gates, found.results[0].total) == ((), 102)


def test_an_event_that_nothing_follows_from_is_an_error() -> None:
    other = VetoEvent("a", "petition", False, "样2号", Address(3, 4))
    found = gated("no_award", events=(EVENT, other))
    assert [(f.code, f.address) for f in found.findings if f.severity == "error"] == [
        ("veto_without_gate", Address(3, 4))
    ]
    assert codes(gated("no_award")) == []
