"""A year as a whole: order of rows, sums of parts, properties that hold for any figures, promises that are kept."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.contract.catalogue import ContractError
from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Decision,
    Facts,
    LateReport,
    Notice,
    PastResult,
    PointsRuling,
    RaterScore,
    VetoEvent,
)
from flows.score.engine.invariants import check_invariants
from flows.score.engine.result import Scored
from flows.score.engine.rounding import half_up
from flows.score.engine.scoring import score
from flows.score.engine.scoring_context import AssessmentError, ScoringContext
from flows.score.scheme.required_inputs import required_figures
from tests.score.made import correction, facts_of, leaf, year_of

UNITS = ("a", "b", "c", "d", "e")
GROUPS = {"a": "g", "b": "g", "c": "g", "d": "h", "e": "h"}
MIXED = year_of(
    """
items:
  - id: own
    label: 自身
    cap: 22
    items:
      - {id: x, label: 甲, points: 10, indicator: x, rule: {linear: {}}, missing: {not_reported: group_mean}}
      - {id: y, label: 乙, points: 10, indicator: y, rule: {bands: [[10, 10], [5, 6]]}, missing: {not_reported: rescale}}
      - {id: z, label: 丙, points: 5, floor: -5, indicator: y, rule: {steps: {start: 5, at: 8, below: -1, parts: full, least: -5}}}
  - {id: beside, label: 排名, points: 10, indicator: x, rule: {steps: {of: rank, at: 1, above: -2, parts: share}}}
  - {id: talled, label: 件数, points: 6, indicator: k, rule: {tally: {points: {national: 3, municipal: 1}}}}
  - {id: rated, label: 评分, points: 10, rule: {linear: {of: {scores: leader, trim: 1}}}}
  - {id: late, label: 报表, points: 5, rule: {steps: {of: {late: [r]}, above: -1, parts: share}}}
bonus: {cap: 5, classes: [{id: c, label: 类, kinds: [award], levels: {national: 3, municipal: 2}, cap: 4}]}
deductions: {cap: 6, classes: [{id: d, label: 扣, cap: 5}]}
gates: [{id: v, label: 事故, if: {of: {veto: [accident]}, at_least: 1}, effect: {void: [x], lower_one: true}}]
rank: {ties: shared, break: [base_points, past_rank, decision]}
grades: {barred: passes_on, edge_tie: decide, list: [{grade: first, share: 0.34}, {grade: second, count: 1}, {grade: third}]}
""",
    {(u, "x"): 10 + n for n, u in enumerate(UNITS)},
    GROUPS,
)


def mixed_facts() -> Facts:
    """Facts of every kind, several of each."""
    figures: dict[Any, Any] = {(u, "x"): 3 * n for n, u in enumerate(UNITS)} | {
        (u, "y"): 4 + 2 * n for n, u in enumerate(UNITS)
    }
    figures |= {
        ("b", "x"): "not_reported",
        ("c", "y"): "not_reported",
        ("a", "k"): 3,
        ("a", "k/national"): 1,
        ("a", "k/municipal"): 2,
    }
    at = iter(Address(1, n) for n in range(2, 999))
    return facts_of(
        UNITS,
        figures,
        corrections=tuple(
            correction(kind, n, day, unit=u, address=next(at))
            for u in "ad"
            for kind, n, day in (
                ("verified", 7, "2016-01-10"),
                ("spot_check", 1, "2016-01-11"),
                ("spot_check", 2, "2016-01-09"),
            )
        ),
        points_rulings=(
            PointsRuling(True, "e", "rated", Fraction(4), None, "", "样", next(at)),
            PointsRuling(False, "a", "报表", Fraction(5), None, "", "样", next(at)),
        ),
        scores=tuple(
            RaterScore(u, "评分", "leader", Fraction(n * 7 % 40 + 50), Fraction(100), None, next(at))
            for u in "abcd"
            for n in range(1, 5)
        ),
        late=tuple(LateReport(u, "r", f"2015-0{n}", n) for u in "abc" for n in (1, 2)),
        bonus=tuple(
            BonusApplication(u, "award", m, lv, 2015, 2015, Fraction(3), Fraction(n), "样", next(at))
            for u in "ab"
            for m, lv, n in (("甲事", "national", 3), ("甲事", "municipal", 2), ("乙事", "municipal", 2))
        ),
        notices=tuple(
            Notice(u, i, Fraction(2), "", "样", next(at)) for u in "abc" for i in ("x", "排名", "别项")
        ),
        vetoes=(
            VetoEvent("c", "accident", False, "样", next(at)),
            VetoEvent("d", "fraud", False, "样", next(at)),
        ),
        past=tuple(PastResult(u, 2014, None, n, n, "first") for n, u in enumerate(UNITS, 1)),
        decisions=tuple(Decision(u, n, "", "样", next(at)) for n, u in enumerate(UNITS, 1)),
    )


def shuffled(facts: Facts, by: random.Random) -> Facts:
    """The same facts, every list and mapping in another order."""
    changed: dict[str, Any] = {}
    for name in (
        "units",
        "corrections",
        "points_rulings",
        "scores",
        "late",
        "bonus",
        "notices",
        "vetoes",
        "past",
        "decisions",
    ):
        rows = list(getattr(facts, name))
        by.shuffle(rows)
        changed[name] = tuple(rows)
    figures = list(facts.figures.items())
    by.shuffle(figures)
    return replace(facts, figures=dict(figures), **changed)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(by: random.Random) -> None:
    facts = mixed_facts()
    expected = score(MIXED, facts)
    assert len(expected.findings) >= 5
    groups, targets = list(GROUPS.items()), list(MIXED.targets)
    by.shuffle(groups)
    by.shuffle(targets)
    year = replace(MIXED, groups=dict(groups), targets=tuple(targets))
    assert score(year, shuffled(facts, by)) == expected


def test_everything_is_exact() -> None:
    scored = score(MIXED, mixed_facts())
    numbers = [n for s in scored.items for n in (s.full, s.points, s.raw, s.actual, s.target, s.attainment)]
    numbers += [n for r in scored.results for n in (r.base, r.bonus, r.deduction, r.total, r.rescale)]
    assert {type(n) for n in numbers if n is not None} == {Fraction}


def test_items_come_in_the_order_of_the_scheme() -> None:
    scored = score(MIXED, mixed_facts())
    order = ["own", "x", "y", "z", "beside", "talled", "rated", "late"]
    assert [(s.unit, s.item) for s in scored.items] == [(u, i) for u in UNITS for i in order]


def test_a_unit_without_a_group_is_refused() -> None:
    with pytest.raises(ContractError, match=r"group\.csv: no group for z"):
        score(MIXED, facts_of(("a", "z")))


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049999", 2, "0"),
        ("-0.005", 2, "-0.01"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1.23", 2, "1.23"),
        ("89.995", 2, "90"),
        ("0.145", 2, "0.15"),
        ("1.1249999", 3, "1.125"),
    ],
)
def test_half_up(amount: str, places: int, expected: str) -> None:
    assert half_up(Fraction(amount), places) == Fraction(expected)


@pytest.mark.parametrize(
    ("order", "total"),
    [
        ("items, rescale, bonus, deductions, round, gates, rank, grades", "4.05"),
        ("items, rescale, round, bonus, deductions, gates, rank, grades", "4.046"),
        ("items, bonus, rescale, deductions, gates, rank, round, grades", "4.05"),
        ("items, rescale, bonus, round, deductions, gates, rank, grades", "4.052"),
    ],
)
def test_the_order_of_steps_is_what_the_scheme_says(order: str, total: str) -> None:
    text = leaf("{linear: {of: value, full_at: 10}}") + (
        f"\norder: [{order}]"
        "\nbonus: {cap: 5, classes: [{id: c, label: 类, kinds: [award], levels: {national: 3}}]}"
        "\ndeductions: {classes: [{id: d, label: 扣}]}"
    )
    bonus = (
        BonusApplication(
            "a", "award", "事", "national", 2015, 2015, Fraction(1), Fraction("1.014"), "样", Address(1, 1)
        ),
    )
    notices = (Notice("a", "x", Fraction("0.308"), "", "样", Address(1, 2)),)
    scored = score(year_of(text), facts_of("a", {("a", "x"): "3.344"}, bonus=bonus, notices=notices))
    assert scored.results[0].total == Fraction(total)


# -- for any figures

NUMBERS = st.integers(-3000, 20000).map(lambda n: Fraction(n, 100))
RISING = [
    "{linear: {}}",
    "{linear: {of: value, zero_at: 10, full_at: 90, base: 0.6, floor: 0.3, cap: 1.1}}",
    "{linear: {least: 0.6}}",
    "{bands: [[80, 10], [70, 6], [50, 1]]}",
    "{steps: {at: 60, per: 2.5, above: 0.3, below: -0.4, parts: share}}",
    "{steps: {at: 60, per: 2.5, above: 0.3, below: -0.4, parts: drop}}",
    "{steps: {start: 3, at: 60, above: 0.3, below: -0.4, parts: full}}",
    "{sum: [{linear: {points: 4}}, {bands: [[50, 5]]}]}",
    "{first: {branches: [{if: {of: value, at_least: 60}, then: {linear: {}}}], otherwise: 0}}",
    "{steps: {of: rank, at: 1, above: -3, parts: share}}",
    "{linear: {of: {as: position, undefined: 0}}}",
    "{linear: {of: {as: share_of_mean, undefined: 0}, full_at: 2}}",
]


@pytest.mark.parametrize("rule", RISING)
@settings(max_examples=40, deadline=None)
@given(low=NUMBERS, more=st.integers(0, 3000).map(lambda n: Fraction(n, 100)), other=NUMBERS)
def test_more_is_never_less_and_caps_hold(rule: str, low: Fraction, more: Fraction, other: Fraction) -> None:
    if "share_of_mean" in rule:
        low, other = abs(low), abs(other)  # a share of a negative mean is no share
    year = year_of(leaf(rule, 10, "cap: 11"), {("a", "x"): 80})
    found = [
        score(year, facts_of("ab", {("a", "x"): x, ("b", "x"): other})).items[0].points or Fraction(0)
        for x in (low, low + more)
    ]
    assert found == sorted(found)
    assert all(0 <= p <= 11 for p in found)


AMOUNTS = st.one_of(NUMBERS, st.sampled_from(["not_reported", "rejected", "not_applicable"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=5, max_size=5))
def test_sums_are_their_parts(amounts: list[tuple[Any, Any]]) -> None:
    figures = {
        (u, i): v for u, pair in zip(UNITS, amounts, strict=True) for i, v in zip("xy", pair, strict=True)
    }
    facts = replace(mixed_facts(), figures=facts_of(UNITS, figures).figures)
    scored = score(MIXED, facts)
    assert score(MIXED, facts) == scored
    held = {(s.unit, s.item): s for s in scored.items}
    for r in scored.results:
        inner = sum((held[r.unit, i].points or Fraction(0) for i in "xyz"), start=Fraction(0))
        assert held[r.unit, "own"].points == min(inner, 22)
        top = ("own", "beside", "talled", "rated", "late")
        assert r.base == r.rescale * sum(
            (held[r.unit, i].points or Fraction(0) for i in top), start=Fraction(0)
        )
        assert r.total == half_up(r.base + r.bonus - r.deduction, 2)
        assert r.bonus <= 4
        assert r.deduction <= 5


# -- what is promised is held against what was made


def broken(scored: Scored, at: int, **changed: Any) -> Scored:
    results = list(scored.results)
    results[at] = replace(results[at], **changed)
    return replace(scored, results=tuple(results))


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (lambda s: broken(s, 0, total=s.results[0].total + Fraction(1, 100)), "total is not its base"),
        (lambda s: broken(s, 0, base=s.results[0].base + 1), "base is not the sum"),
        (lambda s: broken(s, 0, bonus=s.results[0].bonus + 1), "total is not its base"),
        (lambda s: broken(s, 3, group_rank=7), "place . after"),
        (lambda s: broken(s, 3, overall_rank=9), "place . after"),
        (lambda s: replace(s, results=s.results[1:]), "not every unit"),
        (lambda s: replace(s, bonus=s.bonus[1:]), "bonus is not its entries"),
        (lambda s: replace(s, items=(replace(s.items[0], points=Fraction(1)), *s.items[1:])), "block own"),
        (
            lambda s: replace(
                s, items=(*s.items[:4], replace(s.items[4], points=Fraction(11)), *s.items[5:])
            ),
            "outside of its cap",
        ),
    ],
)
def test_a_score_that_contradicts_itself_stops_the_run(change: Any, breach: str) -> None:
    facts = mixed_facts()
    made = score(MIXED, facts)
    context = ScoringContext(MIXED, facts)
    check_invariants(context, made.items, made.results, made.bonus, ())
    changed = change(made)
    with pytest.raises(AssessmentError, match=breach):
        check_invariants(context, changed.items, changed.results, changed.bonus, ())


def test_what_a_scheme_reads() -> None:
    year = year_of(
        """
items:
  - {id: x, label: 甲, points: 5, indicator: x, rule: {linear: {of: growth}}}
  - {id: y, label: 乙, points: 5, indicator: y, rule: {each: {periods: ['{year}H1', '{year}H2'], rule: {tally: {points: {national: 1}}}}}}
  - {id: z, label: 丙, points: 5, rule: {steps: {of: {indicator: z, as: share_of_mean, weighted_by: w}, parts: drop}}}
gates: [{id: g, label: 必备, if: {of: {indicator: v, period: 'U{year}'}, less_than: 1}, effect: no_award}]
deductions: {classes: [{id: d, label: 扣}], factor: {bands: {of: {indicator: u, category: big}, points: [[1, 1]]}}}
"""
    )
    found = {f"{k.indicator}/{k.category or ''}@{k.period_id}" for k in required_figures(year)}
    assert found == {
        "x/@2015",
        "x/@2014",
        "y/@2015",
        "y/@2015H1",
        "y/@2015H2",
        "y/national@2015H1",
        "y/national@2015H2",
        "z/@2015",
        "w/@2015",
        "v/@U2015",
        "u/big@2015",
    }


def test_a_record_about_a_unit_that_is_not_assessed_moves_nothing_and_is_said() -> None:
    facts = mixed_facts()
    expected = score(MIXED, facts)
    here = Address(9, 9)
    more = replace(
        facts,
        corrections=(*facts.corrections, correction("verified", 1, unit="z", address=here)),
        scores=(*facts.scores, RaterScore("z", "评分", "leader", Fraction(1), Fraction(100), None, here)),
        vetoes=(*facts.vetoes, VetoEvent("z", "fraud", False, "样", here)),
        bonus=(*facts.bonus, replace(facts.bonus[0], unit="z", address=here)),
    )
    found = score(MIXED, more)
    assert found.results == expected.results
    new = {(f.severity, f.code, f.unit) for f in set(found.findings) - set(expected.findings)}
    assert new == {("warning", "unit_not_assessed", "z")}
