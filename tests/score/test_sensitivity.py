"""Places and grades under other weights: with the scheme's own weights they are the scheme's own, whatever the scheme."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import fmean, pstdev
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Decision,
    Facts,
    Notice,
    PointsRuling,
    VetoEvent,
)
from flows.score.engine.scoring import YearScoring, score
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.sensitivity import Reweighted, redraw, weight_sensitivity
from tests.score.world import facts_of, year_of

COUNTS = ("mediation_succeeded", "legal_aid_cases", "skill_contests", "training_classes")
UNITS = tuple("abcdefgh")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[SchemeYear, Facts]:
    """Small years with many ties, bars and items left out: few different points, few places."""
    leaves = [
        {
            "id": f"leaf{n}",
            "label": f"第{n}项",
            "points": draw(st.sampled_from(["1", "2.5", "3"])),
            "indicator": indicator,
            "rule": draw(
                st.sampled_from(
                    [{"linear": {"of": "value", "full_at": 3}}, {"table": {"points": {1: 1}, "otherwise": 0}}]
                )
            ),
            "missing": {"not_reported": draw(st.sampled_from(["zero", "rescale", "none", "group_mean"]))},
            **({"groups": ["g"]} if n == 3 and draw(st.booleans()) else {}),
        }
        for n, indicator in enumerate(COUNTS)
    ]
    block: dict[str, Any] = {"id": "block", "label": "块", "items": leaves[:2]}
    if draw(st.booleans()):
        block |= {"cap": "2"}
    gates = [
        {
            "id": "bar",
            "label": "否",
            "if": {"of": {"veto": ["safety"]}, "at_least": 1},
            "effect": draw(
                st.sampled_from(
                    [
                        "no_award",
                        "lower_one",
                        "lowest",
                        "zero_score",
                        {"at_best": "first"},
                        {"void": ["leaf0"]},
                        {"void": ["block"]},
                    ]
                )
            ),
        }
    ]
    levels = draw(
        st.sampled_from(
            [
                [
                    {"grade": "special", "count": 1},
                    {"grade": "first", "share": "0.5"},
                    {"grade": "second", "min_points": 2},
                ],
                [{"grade": "special", "count": 2, "min_points": "3.5"}, {"grade": "first", "count": 2}],
                [
                    {"grade": "special", "min_points": 6},
                    {"grade": "first", "min_points": 3},
                    {"grade": "second"},
                ],
            ]
        )
    )
    steps = draw(
        st.sampled_from(
            [
                ["items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades"],
                ["items", "rescale", "bonus", "deductions", "gates", "rank", "round", "grades"],
                ["items", "bonus", "rescale", "deductions", "gates", "round", "rank", "grades"],
            ]
        )
    )
    barred = draw(st.sampled_from(["passes_on", "keeps_place"]))
    year = year_of(
        [block, *leaves[2:]],
        {u: "g" if u < "f" else "h" for u in UNITS},
        gates=gates,
        order=steps,
        bonus={
            "cap": 3,
            "classes": [{"id": "c", "label": "奖", "kinds": ["award"], "levels": {"national": 3}}],
        },
        deductions={"classes": [{"id": "d", "label": "扣"}]},
        rank={
            "ties": draw(st.sampled_from(["shared", "dense"])),
            "break": draw(
                st.lists(
                    st.sampled_from(["base_points", "bonus_points", "item:leaf0", "decision"]),
                    max_size=2,
                    unique=True,
                )
            ),
        },
        rounding={"total": draw(st.integers(0, 2))},
        grades={
            "scope": draw(st.sampled_from(["group", "all"])),
            "barred": barred,
            "edge_tie": draw(
                st.sampled_from(["extend", "drop", *(["decide"] if barred == "passes_on" else [])])
            ),
            "list": levels,
        },
    )
    amount = st.one_of(st.integers(0, 3), st.just("not_reported"))
    at = [Address(1, n) for n in range(len(UNITS))]
    some = st.lists(st.sampled_from(UNITS), max_size=4, unique=True)
    facts = facts_of(
        {u: {i: draw(amount) for i in COUNTS} for u in UNITS},
        vetoes=tuple(VetoEvent(u, "safety", False, "号", at[0]) for u in draw(some)),
        bonus=tuple(
            BonusApplication(u, "award", "奖", "national", 2015, 2015, Fraction(1), Fraction(1), "号", at[n])
            for n, u in enumerate(draw(some))
        ),
        notices=tuple(Notice(u, "leaf1", Fraction(1, 2), "", "号", at[n]) for n, u in enumerate(draw(some))),
        points_rulings=tuple(
            PointsRuling(True, u, "leaf2", Fraction(1), None, "", "号", at[n])
            for n, u in enumerate(draw(some))
        ),
        decisions=tuple(Decision(u, n, "", "号", at[n]) for n, u in enumerate(draw(some))),
    )
    return year, facts


def scoring(year: SchemeYear, facts: Facts) -> YearScoring:
    return YearScoring(ScoringContext(year, facts))


def under(year: SchemeYear, facts: Facts, weights: list[int] | None = None) -> list[tuple[int, str]]:
    """(place in the group, grade) of each unit under the scheme's own weights, or others."""
    other = Reweighted(scoring(year, facts))
    given_ = {
        group: dict(zip(own, weights, strict=True)) if weights else own
        for group, own in other.written.items()
    }
    ranks, grades = other.outcome(given_)
    return [(ranks[unit], grades[unit]) for unit in other.units]


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_the_schemes_own_weights_give_its_own_places_and_grades(world: tuple[SchemeYear, Facts]) -> None:
    year, facts = world
    assert under(year, facts) == [(r.group_rank, r.grade) for r in score(year, facts).results]


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_other_weights_are_a_scheme_with_other_points(data: st.DataObject) -> None:
    """The oracle: the year scored anew, its leaves worth what was drawn."""

    def items(points: list[Fraction]) -> list[dict[str, Any]]:
        leaves = [
            {
                "id": f"leaf{n}",
                "label": f"第{n}项",
                "points": str(float(p)),
                "indicator": indicator,
                "rule": {"linear": {"of": "value", "full_at": 4}},
                "missing": {"not_reported": missing},
            }
            for n, (indicator, p, missing) in enumerate(
                zip(COUNTS, points, ("zero", "rescale", "none", "full"), strict=True)
            )
        ]
        return [{"id": "block", "label": "块", "items": leaves[:2]}, *leaves[2:]]

    amount = st.one_of(st.integers(0, 5), st.just("not_reported"))
    facts = facts_of({u: {i: data.draw(amount) for i in COUNTS} for u in UNITS})
    spec = {
        "groups": dict.fromkeys(UNITS, "g"),
        "rounding": {"total": data.draw(st.integers(0, 2))},
        "grades": {
            "barred": "passes_on",
            "edge_tie": data.draw(st.sampled_from(["extend", "drop"])),
            "list": [{"grade": "special", "count": 2}, {"grade": "first", "min_points": 4}],
        },
    }
    year = year_of(items([Fraction(n) for n in (1, 2, 3, 4)]), **spec)
    random = Random(7)  # noqa: S311
    for _ in range(3):
        other = redraw([1000, 2000, 3000, 4000], random)
        anew = score(year_of(items([Fraction(weight, 1000) for weight in other]), **spec), facts)
        assert under(year, facts, other) == [(r.group_rank, r.grade) for r in anew.results]


def test_drawn_weights_add_up_and_scatter_around_the_schemes() -> None:
    written, random = [20_000, 5_000, 50_000, 25_000], Random(1)  # noqa: S311
    drawn = [redraw(written, random) for _ in range(2000)]
    assert {sum(weights) for weights in drawn} == {100_000}
    assert min(map(min, drawn)) >= 0
    for weight, of_one in zip(written, zip(*drawn, strict=True), strict=True):
        share = weight / 100_000
        assert abs(fmean(of_one) - weight) < weight / 50
        assert abs(pstdev(of_one) / 100_000 - (share * (1 - share) / 401) ** 0.5) < 0.002


def two() -> tuple[SchemeYear, Facts]:
    """a is better at the first of two items of equal weight, b at the second; c is behind in both."""
    items = [
        {
            "id": f"leaf{n}",
            "label": f"第{n}项",
            "points": 5,
            "indicator": indicator,
            "rule": {"linear": {"of": "value", "full_at": 10}},
        }
        for n, indicator in enumerate(COUNTS[:2])
    ]
    facts = facts_of(
        {
            u: dict(zip(COUNTS, own, strict=False))
            for u, own in {"a": (9, 7), "b": (7, 9), "c": (1, 1)}.items()
        }
    )
    return year_of(items, dict.fromkeys("abc", "g")), facts


def test_what_hangs_on_the_weights_is_an_interval_and_what_does_not_is_none() -> None:
    year, facts = two()
    a, b, c = weight_sensitivity(scoring(year, facts), draws=400, seed=5)
    assert (a.group_rank_low, a.group_rank_high) == (b.group_rank_low, b.group_rank_high) == (1, 2)
    assert (c.group_rank_low, c.group_rank_median, c.group_rank_high, c.grade_flip_rate) == (3, 3, 3, 0)
    assert Fraction(2, 5) < a.grade_flip_rate < Fraction(3, 5)
    assert weight_sensitivity(scoring(year, facts), draws=400, seed=5) == (a, b, c)
    assert weight_sensitivity(scoring(year, facts), draws=400, seed=6) != (a, b, c)


def test_a_year_without_units_or_weights_has_nothing_to_redraw() -> None:
    year, _ = two()
    assert weight_sensitivity(scoring(year, facts_of({}))) == ()
    items = [{"id": "x", "label": "项", "points": 0, "rule": 0}]
    (row,) = weight_sensitivity(scoring(year_of(items, {"a": "g"}), facts_of({"a": {}})), draws=20)
    assert (row.group_rank_low, row.group_rank_high, row.grade_flip_rate) == (1, 1, 0)
