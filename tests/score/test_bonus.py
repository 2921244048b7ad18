"""Bonus and deductions: every application and notice has its reason, classes and totals their caps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, BonusApplication, Notice
from flows.score.engine.result import Scored
from flows.score.engine.scoring import score
from tests.score.made import codes, facts_of, year_of

ITEMS = """
items:
  - id: work
    label: 工作
    items: [{id: x, label: 甲项, points: 50, rule: 50}, {id: y, label: 乙项, points: 50, rule: 40}]
"""
BONUS = """
bonus:
  cap: 6
  classes:
    - {id: honour, label: 表彰, kinds: [award, medal], levels: {national: 4, municipal: 2}, cap: 5}
    - {id: media, label: 报道, kinds: [article], levels: {national: 3, municipal: 1}}
"""


def application(number: int = 1, **given: Any) -> BonusApplication:
    held: dict[str, Any] = {
        "unit": "a",
        "kind": "award",
        "matter": f"事项{number}",
        "level": "municipal",
        "work_year": 2015,
        "counted_year": 2015,
        "claimed": 2,
        "granted": 2,
        "document_no": "样奖1号",
        "address": Address(1, number),
    } | given
    held["claimed"] = Fraction(held["claimed"])
    held["granted"] = None if held["granted"] is None else Fraction(held["granted"])
    return BonusApplication(**held)


def bonus(*applications: BonusApplication, more: str = "") -> Scored:
    return score(year_of(ITEMS + BONUS.rstrip() + more), facts_of("a", bonus=applications))


@pytest.mark.parametrize(
    ("given", "why", "counted"),
    [
        ({}, "granted", 2),
        ({"kind": "song"}, "class_unknown", 0),
        ({"kind": None}, "class_unknown", 0),
        ({"level": "district"}, "level_unknown", 0),
        ({"work_year": 2014}, "granted", 2),
        ({"work_year": 2013}, "out_of_years", 0),
        ({"work_year": 2016}, "out_of_years", 0),
        ({"document_no": None}, "no_document", 0),
        ({"granted": None}, "undecided", 0),
        ({"granted": 0}, "granted", 0),
        ({"granted": "1.99"}, "granted", "1.99"),
        ({"granted": "2.01"}, "above_level", 2),
        # the first reason is said
        ({"kind": "song", "level": "district", "document_no": None}, "class_unknown", 0),
        ({"level": "district", "work_year": 2013}, "level_unknown", 0),
        ({"work_year": 2013, "document_no": None}, "out_of_years", 0),
        ({"document_no": None, "granted": None}, "no_document", 0),
    ],
)
def test_what_becomes_of_an_application(given: dict[str, Any], why: str, counted: Any) -> None:
    scored = bonus(application(**given))
    assert [(e.why, e.counted) for e in scored.bonus] == [(why, Fraction(str(counted)))]
    assert scored.results[0].bonus == Fraction(str(counted))
    assert scored.results[0].total == 90 + Fraction(str(counted))


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        ({}, "counted_before"),
        ({"matter": " 事项 1 "}, "counted_before"),
        ({"granted": 0}, "granted"),
        ({"granted": None}, "granted"),
        ({"work_year": 2013}, "granted"),
        ({"unit": "b"}, "granted"),
        ({"matter": "别事"}, "granted"),
    ],
)
def test_one_matter_counts_in_one_year(earlier: dict[str, Any], why: str) -> None:
    before = application(**({"counted_year": 2014, "work_year": 2014, "address": Address(1, 9)} | earlier))
    now = application(work_year=2014)
    assert [e.why for e in bonus(now, before).bonus] == [why]


def test_one_matter_counts_at_its_highest_level_only() -> None:
    low, high = application(1, matter="同事"), application(2, matter=" 同 事", level="national", granted=4)
    assert [(e.why, e.counted) for e in bonus(low, high).bonus] == [("lower_level", 0), ("granted", 4)]
    equal = application(2, matter="同事")
    assert [e.why for e in bonus(equal, low).bonus] == ["granted", "lower_level"]
    both = bonus(low, high, more="\n  highest_only: false")
    assert (both.results[0].bonus, [e.why for e in both.bonus]) == (5, ["granted", "granted"])


@pytest.mark.parametrize(
    ("honours", "articles", "points"),
    [(2, 0, 4), (3, 0, 5), (0, 5, 5), (0, 6, 6), (0, 7, 6), (2, 1, 5), (3, 2, 6), (2, 2, 6)],
)
def test_class_caps_then_the_total_cap(honours: int, articles: int, points: int) -> None:
    given = [application(n) for n in range(honours)]
    given += [application(90 + n, kind="article", granted=1) for n in range(articles)]
    assert bonus(*given).results[0].bonus == points


def test_without_needing_a_document() -> None:
    assert bonus(application(document_no=None), more="\n  needs_document: false").results[0].bonus == 2


DEDUCTIONS = """
deductions:
  cap: 10
  classes:
    - {id: reports, label: 报表, items: [x], cap: 3}
    - {id: other, label: 其他}
"""


def notice(item: str, points: Any, number: int = 2, unit: str = "a") -> Notice:
    return Notice(unit, item, Fraction(points), "逾期", "样扣1号", Address(2, number))


@pytest.mark.parametrize(
    ("notices", "taken"),
    [
        ([("x", "2.99")], "2.99"),
        ([("x", 3)], 3),
        ([("x", "3.01")], 3),
        ([("x", 2), ("x", 2)], 3),
        ([("甲项", 1)], 1),
        ([("y", 4)], 4),
        ([("work", 4), ("工作", 1)], 5),
        ([("y", "9.99")], "9.99"),
        ([("y", "10.01")], 10),
        ([("x", 9), ("y", 8)], 10),
    ],
)
def test_deductions_within_caps(notices: list[Any], taken: Any) -> None:
    given = tuple(notice(*n, number=at) for at, n in enumerate(notices))
    scored = score(year_of(ITEMS + DEDUCTIONS), facts_of("a", notices=given))
    assert scored.results[0].deduction == Fraction(str(taken))
    assert scored.results[0].total == 90 - Fraction(str(taken))
    assert [a.amount for a in scored.adjustments] == [n.points for n in given]


def test_a_class_of_a_block_is_that_of_all_below_it() -> None:
    text = "deductions: {classes: [{id: work, label: 工作, items: [work], cap: 1}]}"
    assert score(year_of(ITEMS + text), facts_of("a", notices=(notice("y", 5),))).results[0].deduction == 1


@pytest.mark.parametrize(
    ("scheme", "item", "code"),
    [
        (DEDUCTIONS, "别项", "item_unknown"),
        ("deductions: {classes: [{id: reports, label: 报表, items: [x]}]}", "y", "deduction_class_unknown"),
        ("", "x", "deductions_not_in_scheme"),
    ],
)
def test_a_notice_about_nothing_takes_nothing_off_and_is_an_error(scheme: str, item: str, code: str) -> None:
    scored = score(year_of(ITEMS + scheme), facts_of("a", notices=(notice(item, 5),)))
    assert (scored.results[0].total, codes(scored), scored.adjustments) == (90, [code], ())


def test_a_notice_for_a_unit_that_is_not_assessed() -> None:
    scored = score(year_of(ITEMS + DEDUCTIONS), facts_of("a", notices=(notice("x", 5, unit="z"),)))
    assert codes(scored) == ["deductions_not_in_scheme"]


@pytest.mark.parametrize(
    ("members", "taken", "found"), [(1000, 4, []), (1001, "3.6", []), (None, 4, ["factor_missing"])]
)
def test_deductions_by_size(members: int | None, taken: Any, found: list[str]) -> None:
    factor = "factor: {bands: {of: {indicator: m}, points: [{above: 1000, points: 0.9}], otherwise: 1}}"
    year = year_of(ITEMS + DEDUCTIONS.rstrip() + f"\n  {factor}")
    figures = {} if members is None else {("a", "m"): members}
    scored = score(year, facts_of("a", figures, notices=(notice("y", 4),)))
    assert (scored.results[0].deduction, codes(scored)) == (Fraction(str(taken)), found)


def test_a_factor_of_nothing_takes_nothing_off() -> None:
    year = year_of(ITEMS + DEDUCTIONS.rstrip() + "\n  factor: 0")
    assert score(year, facts_of("a", notices=(notice("y", 4),))).results[0].deduction == 0
