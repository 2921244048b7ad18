"""What further records do to figures, by the shape of their indicator, and what is no matter of records."""

from __future__ import annotations

from fractions import Fraction

import pytest

from flows.contract.indicator import indicators
from flows.score.engine.facts import Address, Correction, Figure
from flows.score.scheme.required_inputs import required_figures
from flows.score.whatif.increment import increments, with_moves
from tests.score.test_path_to_grade import leaf, offered
from tests.score.world import facts_of, figure, year_of

MANY = Figure("value", Fraction(3000), Fraction(3000), None, Fraction(3000), None, 6, 0)


@pytest.mark.parametrize(
    ("indicator", "held", "target", "step", "most", "then"),
    [
        ("mediation_succeeded", 4, None, 1, None, 6),  # count
        ("training_sent_people", 4, None, 1, None, 6),  # distinct
        ("sports_games", 1, None, 1, None, 3),  # edition
        ("members", 100, None, 1, None, 102),  # stock
        ("mediation_paid_yuan", MANY, None, 500, None, 4000),  # sum: records of the mean size so far
        ("mediation_paid_yuan", 0, 20000, 200, None, 400),  # … parts of the target without any
        ("mediation_success_rate", (6, 8), None, 1, 2, 1),  # ratio: never above 1
        ("needy_coverage", (6, 8), None, 1, 2, 1),  # coverage
        ("mediation_closing_rate", (6, 8), None, 1, 2, 1),  # … nor where its definition allows it
        ("late_excuses_refused", 3, None, -1, 3, 1),  # less is better: never below 0
        ("mediation_succeeded", "not_reported", None, 1, None, 2),
    ],
)
def test_two_further_records(
    indicator: str, held: object, target: object, step: object, most: int | None, then: object
) -> None:
    targets = {"a": {indicator: target}} if target else {}
    year = year_of([leaf("x", indicator, {"linear": {}})], {"a": "g", "b": "g"}, targets)
    facts = facts_of({"a": {indicator: held}, "b": {indicator: 1}})
    (one,) = offered(year, facts, "a")
    assert (one.step, one.most) == (step, most)
    other = with_moves(facts, "a", ((one, 2),))
    key = one.keys[0]
    assert other.figures["a", key].amount == then
    assert other.figures["b", key] == facts.figures["b", key]
    assert facts.figures["a", key] == (held if isinstance(held, Figure) else figure(held))


@pytest.mark.parametrize(
    ("indicator", "held", "why"),
    [
        ("special_grade_streak", 3, "连续年数"),
        ("mediation_success_rate", "not_reported", "分母"),
        ("mediation_success_rate", "not_applicable", "不适用"),
        ("mediation_paid_yuan", "not_reported", "无从估计"),
    ],
)
def test_what_records_do_not_move_is_said_with_its_reason(indicator: str, held: object, why: str) -> None:
    year = year_of([leaf("x", indicator, {"linear": {"of": "value"}})], {"a": "g"})
    found, (refused,) = increments(
        year, facts_of({"a": {indicator: held}}), "a", required_figures(year), indicators()
    )
    assert (found, refused.indicator) == ([], indicator)
    assert why in refused.reason


def test_a_record_counts_in_its_category_and_the_total_and_in_its_half_and_the_year() -> None:
    rule = {"sum": [{"bands": [[1, 1]]}, {"tally": {"points": {"national": 1, "municipal": 1}}}]}
    year = year_of(
        [
            leaf("a", "model_workers", rule),
            leaf(
                "b",
                "tripartite_meetings",
                {
                    "sum": [
                        {"bands": [[1, 1]]},
                        {"each": {"periods": ["{year}H1", "{year}H2"], "rule": {"bands": [[1, 1]]}}},
                    ]
                },
            ),
        ],
        {"a": "g"},
    )
    found = offered(year, facts_of({"a": {}}), "a")
    held = {(one.category, one.period_id): {(k.category, k.period_id) for k in one.keys} for one in found}
    assert held == {
        (None, None): {(None, "2015")},
        ("national", None): {(None, "2015"), ("national", "2015")},
        ("municipal", None): {(None, "2015"), ("municipal", "2015")},
        (None, "2015H1"): {(None, "2015"), (None, "2015H1")},
        (None, "2015H2"): {(None, "2015"), (None, "2015H2")},
    }


def test_what_is_verified_moves_with_the_records() -> None:
    year = year_of([leaf("x", "mediation_success_rate", {"linear": {"of": "value"}})], {"a": "g", "b": "g"})
    own = Correction("verified", "a", "mediation_success_rate", Fraction(1, 2), None, "", "号", Address(1, 1))
    check = Correction(
        "spot_check", "a", "mediation_success_rate", Fraction(1, 8), None, "", "号", Address(1, 2)
    )
    facts = facts_of({"a": {"mediation_success_rate": (6, 8)}}, corrections=(own, check))
    (one,) = offered(year, facts, "a")
    assert [c.amount for c in with_moves(facts, "a", ((one, 1),)).corrections] == [
        Fraction(5, 8),
        Fraction(1, 8),
    ]
