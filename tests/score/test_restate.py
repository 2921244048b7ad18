"""A difference between two publications is split so that it adds up, whatever differs, and each part is charged to what it is due to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.contract.catalogue import ContractError
from flows.score.engine.facts import Address, Decision, Facts, LateReport, Notice, PointsRuling
from flows.score.engine.scoring import score
from flows.score.restate.factor_split import (
    FACTORS,
    FIELDS,
    Matter,
    MatterDifference,
    PartInForce,
    PublishedYear,
    UnitTotal,
    restated,
    values_of,
)
from flows.score.restate.restated_sentence import Sentences
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score import made

X, Y = "mediation_succeeded", "legal_aid_cases"
UNITS = ("yongchuan", "dazu", "fuling")
NAMES = {"yongchuan": "永川区", "dazu": "大足区", "fuling": "涪陵区"}
SCHEME = """
items:
  - {{id: x, label: 调解, points: {x}, indicator: mediation_succeeded, rule: {{linear: {{}}}}}}
  - {{id: y, label: 援助, points: 40, indicator: legal_aid_cases, rule: {{steps: {{of: value, start: 0, above: 1, parts: drop}}}}}}
  - {{id: late, label: 迟报, points: 10, rule: {{steps: {{of: {{late: [mediation]}}, start: 10, above: -1, parts: drop}}}}}}
deductions: {{cap: 5, classes: [{{id: every, label: 扣分}}]}}
rank: {{ties: shared, break: [decision]}}
grades:
  barred: passes_on
  edge_tie: extend
  list: [{{grade: first, count: {first}}}, {{grade: second}}]
"""
HERE = Address(1, 2)


def scheme(x: int = 50, first: int = 1, targets: Mapping[str, int] | None = None) -> SchemeYear:
    aims = {(u, X): t for u, t in (targets or dict.fromkeys(UNITS, 10)).items()}
    return made.year_of(SCHEME.format(x=x, first=first), aims, dict.fromkeys(UNITS, "g"))


def facts(x: Mapping[str, int], y: Mapping[str, int], **more: Any) -> Facts:
    figures = {(u, X): v for u, v in x.items()} | {(u, Y): v for u, v in y.items()}
    return replace(made.facts_of(UNITS, figures), names=NAMES, known_on=date(2016, 1, 31), **more)


def published(year: SchemeYear, of: Facts, name: str = "now", *sources: PartInForce) -> PublishedYear:
    """As today's code publishes it."""
    scored = score(year, of)
    lines = [
        UnitTotal(r.unit, r.bonus, r.deduction, r.total, r.group_rank, r.overall_rank, r.grade)
        for r in scored.results
    ]
    values = values_of(year, [(s.unit, s.item, s.points) for s in scored.items], lines)
    return PublishedYear(name, year, of, values, frozenset(sources))


def by(found: tuple[MatterDifference, ...], unit: str, kind: str, item: str = "") -> dict[str, Fraction]:
    """What each factor moved; those that moved nothing are left out."""
    [one] = [d for d in found if d.unit == unit and d.matter == (kind, item)]
    return {factor: amount for factor, amount in one.by.items() if amount}


def test_every_kind_of_fact_belongs_to_one_factor() -> None:
    told = sorted(name for names in FIELDS.values() for name in names)
    assert told == sorted(f.name for f in fields(Facts))


BASE = facts({"yongchuan": 8, "dazu": 6, "fuling": 4}, {"yongchuan": 5, "dazu": 5, "fuling": 5})


def ruled(points: int) -> PointsRuling:
    return PointsRuling(True, "dazu", "调解", Fraction(points), date(2016, 2, 1), "", "样裁1号", HERE)


def test_all_five_factors_with_numbers_reckoned_by_hand() -> None:
    # 永川: 8/10 of 50 = 40, 5, 10 → 55. 大足: 30, 5, 10 → 45. 涪陵: 20, 5, 10 → 35.
    before = published(scheme(), BASE, "2015-1")
    # code: published with a total of 54 in place of 55
    line = dict(before.values["yongchuan"])
    line |= {Matter("total"): Fraction(54), Matter("other"): Fraction(-1)}
    before = replace(before, values={**before.values, "yongchuan": line})
    # data 8 → 6 (40 → 30); target 10 → 12 (30 → 25); scheme 50 → 60 points (25 → 30, 大足 30 → 36); 大足 is ruled 60 points
    later = facts(
        {"yongchuan": 6, "dazu": 6, "fuling": 4},
        {"yongchuan": 5, "dazu": 5, "fuling": 5},
        points_rulings=(ruled(60),),
    )
    after = published(scheme(60, targets={"yongchuan": 12, "dazu": 10, "fuling": 10}), later)
    found = restated(before, after)
    assert by(found, "yongchuan", "item", "x") == {"data": -10, "target": -5, "scheme": 5}
    assert by(found, "yongchuan", "total") == {"code": 1, "data": -10, "target": -5, "scheme": 5}
    assert by(found, "yongchuan", "other") == {"code": 1}
    assert by(found, "dazu", "item", "x") == {"scheme": 6, "decision": 24}
    assert by(found, "dazu", "total") == {"scheme": 6, "decision": 24}
    # 永川 54 first; 55; 45 shared first with 大足; 40 second; 45 behind 大足 51; 75 for 大足
    assert by(found, "yongchuan", "overall_rank") == {"target": 1}
    assert by(found, "dazu", "overall_rank") == {"data": -1}
    # shared: both are first, and 涪陵 stays third
    assert [d.path for d in found if d.unit == "dazu" and d.matter.kind == "grade"] == [(("data", "first"),)]
    assert [d.path for d in found if d.unit == "yongchuan" and d.matter.kind == "grade"] == [
        (("target", "second"),)
    ]
    assert by(found, "yongchuan", "grade") == {"target": 1}


def test_places_and_grades_add_up_where_they_come_back() -> None:
    # data put 永川 behind (55 → 40 below 45), a ruling puts it first again
    later = facts(
        {"yongchuan": 5, "dazu": 6, "fuling": 4},
        {"yongchuan": 5, "dazu": 5, "fuling": 5},
        points_rulings=(replace(ruled(45), unit="yongchuan"),),
    )
    found = restated(published(scheme(), BASE), published(scheme(), later))
    assert by(found, "yongchuan", "overall_rank") == {"data": 1, "decision": -1}
    assert by(found, "yongchuan", "grade") == {"data": 1, "decision": -1}
    assert by(found, "dazu", "overall_rank") == {"data": -1, "decision": 1}
    [grade] = [d for d in found if (d.unit, d.matter.kind) == ("yongchuan", "grade")]
    assert (grade.before, grade.after, grade.path) == (1, 1, (("data", "second"), ("decision", "first")))


whole = st.integers(0, 12)
figures = st.fixed_dictionaries(dict.fromkeys(UNITS, whole))


@st.composite
def editions(draw: st.DrawFn) -> PublishedYear:
    """A small year with whatever can differ."""
    year = scheme(
        draw(st.integers(1, 60)),
        draw(st.integers(1, 2)),
        draw(st.fixed_dictionaries({u: st.integers(1, 12) for u in UNITS})),
    )
    corrections = draw(st.lists(st.sampled_from(UNITS), max_size=2, unique=True))
    of = facts(
        draw(figures),
        draw(figures),
        corrections=tuple(made.correction("verified", draw(whole), unit=u, indicator=X) for u in corrections),
        notices=tuple(Notice(u, "调解", Fraction(draw(whole), 3), "", "", HERE) for u in draw(st.lists(st.sampled_from(UNITS), max_size=2))),
        late=tuple(LateReport(u, "mediation", "2015", draw(st.integers(1, 9))) for u in draw(st.lists(st.sampled_from(UNITS), unique=True))),
        decisions=tuple(Decision(u, n, "", "", HERE) for n, u in enumerate(draw(st.permutations(UNITS)), 1)),
    )  # fmt: skip
    found = published(year, of)
    if draw(st.booleans()):  # older code reckoned otherwise
        unit = draw(st.sampled_from(UNITS))
        line = {
            m: v + (1 if m in (("item", "x"), ("total", "")) else 0) for m, v in found.values[unit].items()
        }
        found = replace(found, values={**found.values, unit: line})
    parts = draw(st.sets(st.tuples(st.sampled_from(UNITS), st.integers(1, 3))))
    return replace(
        found, sources=frozenset(PartInForce(u, "mediation", n, n, None, None, "f") for u, n in parts)
    )


@settings(max_examples=30)
@given(editions(), editions())
def test_whatever_differs_the_parts_add_up(before: PublishedYear, after: PublishedYear) -> None:
    found = {(d.unit, d.matter): d for d in restated(before, after)}
    for unit in UNITS:
        for matter in {*before.values[unit], *after.values[unit]}:
            was, now = before.values[unit].get(matter, 0), after.values[unit].get(matter, 0)
            one = found.get((unit, matter))
            assert (sum(one.by.values()) if one else 0) == now - was
        for factor in FACTORS:
            parts = {m.kind: Fraction(0) for _, m in found}
            for (of, matter), one in found.items():
                parts[matter.kind] += one.by[factor] if of == unit else 0
            summed = sum(parts.get(kind, 0) for kind in ("item", "bonus", "deduction", "other"))
            assert summed == parts.get("total", 0)
    words = Sentences(before, after, found.values())
    assert all(words.sentence(one) for one in found.values())


@settings(max_examples=30)
@given(editions(), st.sampled_from(FACTORS))
def test_one_change_is_charged_to_its_factor_alone(before: PublishedYear, factor: str) -> None:
    before = published(before.year, before.facts)
    year, of = before.year, before.facts
    if factor == "target":
        year = replace(year, targets=scheme(targets=dict.fromkeys(UNITS, 7)).targets)
    elif factor == "scheme":
        year = replace(scheme(33, 2), targets=year.targets)
    elif factor == "decision":
        of = replace(of, notices=(), corrections=(), points_rulings=(ruled(3),))
    else:
        of = replace(of, figures=BASE.figures)
    source = PartInForce("dazu", "employer", 1, 1, None, None, "f")
    sides = (
        replace(before, sources=frozenset([source])),
        replace(published(year, of), sources=frozenset([source])),
    )
    if factor == "data":
        sides = (before, published(year, of))
    moved = {f for one in restated(*sides) for f, amount in one.by.items() if amount}
    assert moved <= {factor}  # figures that differ though their deliveries are the same: code


def test_a_figure_is_data_only_where_a_delivery_behind_it_moved() -> None:
    old, new = (PartInForce("yongchuan", "mediation", n, n, None, None, f"《{n}》") for n in (1001, 2001))
    aid = PartInForce("yongchuan", "legal_aid", 3001, 3, None, None, "《援助》")
    later = facts({"yongchuan": 6, "dazu": 6, "fuling": 4}, {"yongchuan": 4, "dazu": 5, "fuling": 5})
    before, after = published(scheme(), BASE, "2015-1", old, aid), published(scheme(), later, "now", new, aid)
    found = restated(before, after)
    assert by(found, "yongchuan", "item", "x") == {"data": -10}
    assert by(found, "yongchuan", "item", "y") == {"code": -1}
    words = Sentences(before, after, found)
    said = {d.matter: words.sentence(d) for d in found if d.unit == "yongchuan"}
    assert (
        said["item", "x"]
        == "数据－10分（成功调解劳动争议案件由8件变为6件，不再计入《1001》，新计入《2001》）"
    )
    assert "程序－1分" in said["item", "y"] and "程序、参考数据或用词认定有变" in said["item", "y"]
    [x] = [d for d in found if d.matter == ("item", "x")]
    assert words.deliveries(x) == ([old], [new])
    assert words.of_unit("yongchuan").startswith("总分由55分变为44分：数据－10分（调解－10分：成功调解")
    # read as another kind now, the same part has not moved
    reread = published(scheme(), later, "now", old._replace(record="legal_aid"), aid)
    assert by(restated(before, reread), "yongchuan", "total") == {"code": -11}


def test_what_only_one_scheme_asks_for_comes_and_goes_with_it() -> None:
    text = SCHEME.format(x=50, first=1)
    lean = replace(
        scheme(),
        scheme=made.year_of(
            text.replace(
                "  - {id: y, label: 援助, points: 40, indicator: legal_aid_cases, rule: {steps: {of: value, start: 0, above: 1, parts: drop}}}\n",
                "",
            )
        ).scheme,
    )
    bare = facts({"yongchuan": 8, "dazu": 6, "fuling": 4}, {})
    there, back = (
        (published(lean, bare), published(scheme(), BASE)),
        (published(scheme(), BASE), published(lean, bare)),
    )
    for sides, sign in ((there, 1), (back, -1)):
        found = restated(*sides)
        assert by(found, "dazu", "item", "y") == {"scheme": 5 * sign}
        assert by(found, "dazu", "total") == {"scheme": 5 * sign}


def test_a_unit_that_one_side_does_not_assess_has_nothing_to_split_and_goes_with_the_scheme() -> None:
    fewer = replace(
        BASE, units=UNITS[1:], figures={k: f for k, f in BASE.figures.items() if k[0] != "yongchuan"}
    )
    small = replace(scheme(), groups=dict.fromkeys(UNITS[1:], "g"), targets=scheme().targets[1:])
    found = restated(published(small, fewer), published(scheme(), BASE))
    [total] = [d for d in found if (d.unit, d.matter.kind) == ("yongchuan", "total")]
    assert (total.before, total.after, total.by) == (None, 55, {})
    assert by(found, "dazu", "overall_rank") == {"scheme": 1}
    words = Sentences(published(small, fewer), published(scheme(), BASE), found)
    assert words.sentence(total) == "参评单位有变"
    assert words.shown(total) == ("未参评", "55分")


def test_what_today_s_code_cannot_score_is_refused_or_told_whole() -> None:
    odd = replace(published(scheme(), BASE), year=replace(scheme(), groups={}))
    after = published(
        scheme(), facts({"yongchuan": 7, "dazu": 6, "fuling": 4}, {"yongchuan": 5, "dazu": 5, "fuling": 5})
    )
    with pytest.raises(ContractError):
        restated(odd, after)
    assert by(restated(odd, after, is_split=False), "yongchuan", "total") == {"code": -5}


def test_numbers_are_those_that_were_written() -> None:
    third = values_of(
        scheme(),
        [("dazu", "x", Fraction(1, 3))],
        [UnitTotal("dazu", Fraction(0), Fraction(0), Fraction(1, 3), 1, 1, "none")],
    )
    assert third["dazu"][Matter("item", "x")] == Fraction(Decimal("0.333333"))
    assert third["dazu"][Matter("grade")] == 3
