"""The fewest further records that reach a better grade: what every number tried gives is the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.contract.indicator import indicators
from flows.score.engine.facts import Address, Facts, VetoEvent
from flows.score.engine.scoring import score
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.evaluator import Evaluator, UnitOutcome
from flows.score.whatif.increment import Increment, Moves, increments, with_moves
from flows.score.whatif.path_to_grade import PathsToGrade, paths_to_grade
from tests.score.world import facts_of, year_of

UNITS = tuple("abcde")
GRADES = {
    "barred": "passes_on",
    "edge_tie": "extend",
    "list": [
        {"grade": "special", "count": 1},
        {"grade": "first", "count": 1},
        {"grade": "second", "min_points": 5},
    ],
}
MOST = 8


def leaf(name: str, indicator: str, rule: dict[str, Any], points: object = 4, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": name, "points": points, "indicator": indicator, "rule": rule, **more}


def after(year: SchemeYear, facts: Facts, unit: str, moves: Moves) -> UnitOutcome:
    (r,) = [r for r in score(year, with_moves(facts, unit, moves)).results if r.unit == unit]
    return UnitOutcome(r.total, r.group_rank, r.overall_rank, r.grade)


def offered(year: SchemeYear, facts: Facts, unit: str) -> list[Increment]:
    return increments(year, facts, unit, required_figures(year), indicators())[0]


def tried(one: Increment) -> range:
    return range(1, min(MOST, MOST if one.most is None else one.most) + 1)


def by_hand(
    year: SchemeYear, facts: Facts, unit: str, better: tuple[str, ...]
) -> Iterator[tuple[frozenset[Increment], Moves]]:
    """Every indicator and pair with the smallest numbers up to `MOST`, each of them tried."""
    found = offered(year, facts, unit)
    alone: dict[Increment, int] = {}
    for a in found:
        hits = [j for j in tried(a) if after(year, facts, unit, ((a, j),)).grade in better]
        if hits:
            alone[a] = hits[0]
            yield frozenset({a}), ((a, hits[0]),)
    for a, b in combinations(found, 2):
        below = min(alone.get(a, 99), alone.get(b, 99))
        sums = sorted(
            (j + k, j, k)
            for j in tried(a)
            for k in tried(b)
            if j + k < below and after(year, facts, unit, ((a, j), (b, k))).grade in better
        )
        if sums:
            yield frozenset({a, b}), ((a, sums[0][1]), (b, sums[0][2]))


@st.composite
def worlds(draw: st.DrawFn, compares: bool) -> tuple[SchemeYear, Facts]:
    """Small years: proportion, bands, steps, records by level, a rate, a block with a cap, a gate on a figure."""
    own = [
        {"linear": {"of": "value", "full_at": 6}},
        {"bands": [[6, 4], [3, 2], [1, 1]]},
        {"steps": {"start": 0, "per": 2, "above": 1, "parts": "drop"}},
        {"best": [{"linear": {"of": "value", "full_at": 8}}, {"bands": [[5, 3]]}]},
        {
            "worst": [
                {"bands": [[2, 4], [1, 2]]},
                {"bands": {"of": {"indicator": "skill_contests"}, "points": [[2, 4], [1, 1]]}},
            ]
        },
    ]
    beside = [
        {"linear": {"of": {"as": "share_of_best", "undefined": 0}}},
        {"steps": {"of": "rank", "start": 4, "at": 1, "above": -1, "parts": "drop"}},
    ]
    rule = st.sampled_from([*own, *beside] if compares else own)
    items = [
        leaf("one", "mediation_succeeded", draw(rule)),
        leaf("two", "legal_aid_cases", draw(rule)),
        leaf("three", "model_workers", {"tally": {"points": {"national": 2, "municipal": 1}}}),
    ]
    if draw(st.booleans()):
        items[0] = leaf("one", "mediation_success_rate", {"bands": [[1, 4], ["0.5", 2]]})
    block: dict[str, Any] = {"id": "block", "label": "块", "items": items[:2]}
    if draw(st.booleans()):
        block["cap"] = draw(st.sampled_from([5, 6]))
    more: dict[str, Any] = {"gates": []}
    if draw(st.booleans()):
        condition = {"of": {"indicator": "legal_aid_cases"}, "less_than": draw(st.integers(1, 4))}
        more["gates"] = [
            {
                "id": "few",
                "label": "少",
                "if": condition,
                "effect": draw(st.sampled_from(["no_award", "lower_one", {"at_best": "second"}])),
            }
        ]
    order = draw(st.sampled_from([("round", "gates", "rank"), ("gates", "rank", "round")]))
    year = year_of(
        [block, items[2]],
        dict.fromkeys(UNITS, "g"),
        grades=GRADES,
        order=["items", "rescale", *order, "grades"],
        rounding={"total": draw(st.integers(0, 2))},
        **more,
    )
    count = st.integers(0, 7)
    figures = {}
    for unit in UNITS:
        low = draw(st.integers(0, 4))
        figures[unit] = {
            "mediation_succeeded": draw(count),
            "legal_aid_cases": draw(count),
            "skill_contests": draw(st.integers(0, 2)),
            "mediation_success_rate": (low, draw(st.integers(max(low, 1), 8))),
            "model_workers/national": draw(st.integers(0, 1)),
            "model_workers/municipal": draw(st.integers(0, 2)),
            "model_workers": 3,
        }
    return year, facts_of(figures)


@given(worlds(compares=False), st.sampled_from(UNITS))
@settings(max_examples=15, deadline=None)
def test_what_is_offered_is_what_trying_every_number_finds(
    world: tuple[SchemeYear, Facts], unit: str
) -> None:
    year, facts = world
    found = paths_to_grade(year, facts, unit)
    expected = dict(by_hand(year, facts, unit, found.better))
    singles = {frozenset({m[0][0]}): m for m in (p.moves for p in found.singles) if m[0][1] <= MOST}
    assert singles == {key: moves for key, moves in expected.items() if len(key) == 1}
    pairs = (moves for key, moves in expected.items() if len(key) == 2 and not found.singles)
    sums = sorted(sum(k for _, k in moves) for moves in pairs)
    assert [p.records for p in found.pairs] == sums[: len(found.pairs)]
    assert len(found.pairs) >= min(5, len(sums))


@given(worlds(compares=True), st.sampled_from(UNITS))
@settings(max_examples=15, deadline=None)
def test_a_path_reaches_the_grade_and_one_record_less_does_not(
    world: tuple[SchemeYear, Facts], unit: str
) -> None:
    year, facts = world
    found = paths_to_grade(year, facts, unit)
    assert not (found.singles and found.pairs)
    for path in (*found.singles, *found.pairs):
        assert path.after == after(year, facts, unit, path.moves)
        assert path.after.grade in found.better
        for fewer in range(len(path.moves)):
            less = tuple((one, k - (n == fewer)) for n, (one, k) in enumerate(path.moves))
            assert after(year, facts, unit, less).grade not in found.better
    assert {path.moves[0][0] for path in found.singles} >= {
        one for key in by_hand_singles(year, facts, unit, found.better) for one in key
    }


def by_hand_singles(
    year: SchemeYear, facts: Facts, unit: str, better: tuple[str, ...]
) -> Iterator[frozenset[Increment]]:
    for a in offered(year, facts, unit):
        if any(after(year, facts, unit, ((a, j),)).grade in better for j in tried(a)):
            yield frozenset({a})


@given(worlds(compares=True), st.sampled_from(UNITS), st.data())
@settings(max_examples=50, deadline=None)
def test_an_evaluation_is_the_score_of_the_moved_facts(
    world: tuple[SchemeYear, Facts], unit: str, data: st.DataObject
) -> None:
    year, facts = world
    moves = tuple(
        (one, data.draw(st.integers(0, max(tried(one), default=0))))
        for one in data.draw(st.lists(st.sampled_from(offered(year, facts, unit)), max_size=2, unique=True))
    )
    assert Evaluator(year, facts, unit).outcome(moves) == after(year, facts, unit, moves)


# -- said in words


def small(**more: Any) -> tuple[SchemeYear, Facts]:
    """b leads with 10 points, a has 4: six thirds of a point, or six cases of legal aid, are missing for first place."""
    year = year_of(
        [
            leaf("mediation", "mediation_succeeded", {"linear": {"of": "value", "full_at": 10}}, 10),
            leaf("aid", "legal_aid_cases", {"linear": {"of": "value", "full_at": 10}}, 10),
        ],
        {"a": "g", "b": "g"},
        grades={
            "barred": "passes_on",
            "edge_tie": "drop",
            "list": [{"grade": "special", "count": 1}, {"grade": "first"}],
        },
        **more,
    )
    return year, facts_of(
        {
            "a": {"mediation_succeeded": 2, "legal_aid_cases": 2},
            "b": {"mediation_succeeded": 5, "legal_aid_cases": 5},
        }
    )


def counts(found: PathsToGrade) -> list[list[tuple[str, int]]]:
    return [
        [(one.indicator.indicator, k) for one, k in path.moves] for path in (*found.singles, *found.pairs)
    ]


def test_a_unit_with_the_best_grade_is_told_so() -> None:
    found = paths_to_grade(*small(), "b")
    assert (found.better, found.singles, found.now.grade) == ((), (), "special")


def test_a_grade_can_be_aimed_at() -> None:
    year, facts = small()
    assert counts(paths_to_grade(year, facts, "a", grade="special")) == counts(
        paths_to_grade(year, facts, "a")
    )
    assert paths_to_grade(year, facts, "a", grade="first").better == ()
    with pytest.raises(ValueError, match="excellent"):
        paths_to_grade(year, facts, "a", grade="excellent")
    with pytest.raises(KeyError):
        paths_to_grade(year, facts, "z")


def test_points_that_are_missing_and_what_brings_them() -> None:
    found = paths_to_grade(*small(), "a")
    assert counts(found) == [[("legal_aid_cases", 7)], [("mediation_succeeded", 7)]]
    assert found.short is not None
    assert Fraction(6) < found.short <= Fraction(6) + Fraction(1, 100)
    assert found.singles[0].after == UnitOutcome(Fraction(11), 1, 1, "special")


def test_a_bar_is_named_and_no_number_of_points_lifts_it() -> None:
    year, facts = small(
        gates=[
            {
                "id": "safe",
                "label": "安全",
                "if": {"of": {"veto": ["safety"]}, "at_least": 1},
                "effect": {"at_best": "first"},
            }
        ]
    )
    facts = Facts(
        facts.units,
        facts.names,
        facts.figures,
        vetoes=(VetoEvent("a", "safety", False, "号", Address(1, 1)),),
    )
    found = paths_to_grade(year, facts, "a")
    assert [(hit.gate, hit.effect) for hit in found.bars] == [("safe", "at_best")]
    assert (found.short, counts(found)) == (None, [])


def test_a_bar_on_a_figure_is_lifted_by_records_and_by_a_pair_where_points_are_missing_too() -> None:
    gate = {
        "id": "few",
        "label": "少",
        "if": {"of": {"indicator": "legal_aid_cases"}, "less_than": 4},
        "effect": {"at_best": "first"},
    }
    found = paths_to_grade(*small(gates=[gate], rounding={"total": 0}), "a")
    assert counts(found)[0] == [("legal_aid_cases", 7)]
    year = year_of(
        [leaf("mediation", "mediation_succeeded", {"linear": {"of": "value", "full_at": 10}}, 10)],
        {"a": "g", "b": "g"},
        gates=[gate],
    )
    facts = facts_of(
        {
            "a": {"mediation_succeeded": 2, "legal_aid_cases": 2},
            "b": {"mediation_succeeded": 5, "legal_aid_cases": 9},
        }
    )
    assert [dict(pair) for pair in counts(paths_to_grade(year, facts, "a"))] == [
        {"mediation_succeeded": 3, "legal_aid_cases": 2}
    ]


def test_nothing_reaches_it_and_the_nearest_is_told() -> None:
    year, facts = small()
    facts = facts_of(
        {
            "a": {"mediation_succeeded": 1, "legal_aid_cases": 1},
            "b": {"mediation_succeeded": 10, "legal_aid_cases": 10},
        }
    )
    found = paths_to_grade(year, facts, "a")
    assert counts(found) == []
    assert [(n.increment.indicator.indicator, n.records, n.gain) for n in found.near] == [
        ("legal_aid_cases", 9, 9),
        ("mediation_succeeded", 9, 9),
    ]
