"""What would lift an item: a scoring of the moved facts is the oracle."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.score.engine.facts import Facts
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.increment import Moves, with_moves
from flows.score.whatif.item_lift import item_lifts
from tests.score.test_path_to_grade import UNITS, leaf, offered, small, tried, worlds
from tests.score.world import facts_of, year_of


def points(year: SchemeYear, facts: Facts, unit: str, item: str, moves: Moves) -> Fraction:
    scored = score(year, with_moves(facts, unit, moves))
    [found] = [s.points for s in scored.items if (s.unit, s.item) == (unit, item)]
    return found or Fraction(0)


@given(worlds(compares=True), st.sampled_from(UNITS))
@settings(max_examples=25, deadline=None)
def test_so_many_records_give_it_and_one_less_does_not(world: tuple[SchemeYear, Facts], unit: str) -> None:
    year, facts = world
    lifts = {lift.item: lift for lift in item_lifts(year, facts)[unit]}
    for item in year.scheme.leaves:
        now = points(year, facts, unit, item.id, ())
        if (lift := lifts.get(item.id)) is not None:
            with_it = points(year, facts, unit, item.id, ((lift.increment, lift.records),))
            assert lift.gain > 0 and with_it == now + lift.gain
            assert points(year, facts, unit, item.id, ((lift.increment, lift.records - 1),)) < with_it
        best = max(
            (
                points(year, facts, unit, item.id, ((a, k),))
                for a in offered(year, facts, unit)
                for k in tried(a)
            ),
            default=now,
        )
        assert now + (lift.gain if lift is not None else 0) >= best


def test_the_largest_gain_comes_first_and_full_points_have_none() -> None:
    year, facts = small()
    lifts = item_lifts(year, facts)
    assert [(x.item, x.records, x.gain) for x in lifts["a"]] == [("aid", 8, 8), ("mediation", 8, 8)]
    full = facts_of({"a": {"mediation_succeeded": 10, "legal_aid_cases": 12}, "b": {}})
    assert item_lifts(year, full)["a"] == ()


@pytest.mark.parametrize(
    ("figures", "category", "records", "gain"),
    [
        ({"model_workers": 0}, "national", 2, 4),
        ({"model_workers/national": 1, "model_workers": 1}, "municipal", 1, 1),
    ],
)
def test_of_several_ways_the_one_that_gives_most_with_fewest_records(
    figures: dict[str, int], category: str, records: int, gain: int
) -> None:
    tally = {"tally": {"points": {"national": 3, "municipal": 1}}}
    year = year_of([leaf("three", "model_workers", tally, 4)], {"a": "g"})
    [lift] = item_lifts(year, facts_of({"a": figures}))["a"]
    assert (lift.increment.category, lift.records, lift.gain) == (category, records, gain)
