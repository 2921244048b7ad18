"""Figures as they count: verified, reduced by spot checks, ruled on appeal, with the trace of every change."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.corrections import apply_corrections
from flows.score.engine.facts import Address, Correction
from flows.score.engine.scoring import score
from tests.score.made import codes, correction, facts_of, key_of, leaf, points_of, year_of

YEAR = year_of(leaf("{linear: {of: value, full_at: 100}}"))
V, S, R = "verified", "spot_check", "ruled"


@pytest.mark.parametrize(
    ("decisions", "actual", "changes", "warnings"),
    [
        ([], 10, [], []),
        ([(V, 8, "2016-01-10")], 8, [(10, 8)], []),
        ([(V, 8, "2016-01-10"), (V, 7, "2016-01-11")], 7, [(10, 7)], []),
        ([(S, 3, "2016-01-10")], 7, [(10, 7)], []),
        ([(S, 3, None)], 7, [(10, 7)], []),
        ([(S, 3, "2016-01-10"), (S, 4, "2016-01-11")], 3, [(10, 7), (7, 3)], []),
        # a verified figure knew the checks before it, and on its day
        ([(V, 8, "2016-01-10"), (S, 3, "2016-01-09")], 8, [(10, 8)], []),
        ([(V, 8, "2016-01-10"), (S, 3, "2016-01-10")], 8, [(10, 8)], []),
        ([(V, 8, "2016-01-10"), (S, 3, "2016-01-11")], 5, [(10, 8), (8, 5)], []),
        ([(V, 8, None), (S, 3, "2016-01-11")], 5, [(10, 8), (8, 5)], ["spot_check_undated"]),
        ([(V, 8, "2016-01-10"), (S, 3, None)], 5, [(10, 8), (8, 5)], ["spot_check_undated"]),
        ([(S, 11, "2016-01-10")], 0, [(10, 0)], ["reduction_exceeds"]),
        ([(S, 10, "2016-01-10")], 0, [(10, 0)], []),
        # a ruling takes the place of everything
        ([(R, 9, "2016-02-01"), (V, 8, "2016-03-01"), (S, 3, "2016-03-02")], 9, [(10, 9)], []),
        ([(R, 9, "2016-02-01"), (R, 6, "2016-02-02")], 6, [(10, 6)], []),
    ],
)
def test_the_figure_that_counts(
    decisions: list[tuple[str, int, str | None]], actual: int, changes: list[Any], warnings: list[str]
) -> None:
    given = tuple(
        correction(kind, n, on, address=Address(1, at)) for at, (kind, n, on) in enumerate(decisions)
    )
    for order in (given, given[::-1]):
        scored = score(YEAR, facts_of("a", {("a", "x"): 10}, corrections=order))
        assert [f.actual for f in scored.figures] == [actual]
        assert [f.computed for f in scored.figures] == [10]
        found = {(a.before, a.after) for a in scored.adjustments}
        assert found == set(changes)
        assert codes(scored, "warning") == warnings
        assert points_of(scored) == {"a": Fraction(actual, 10)}


@pytest.mark.parametrize("state", ["not_reported", "rejected", "not_applicable"])
def test_a_verified_figure_takes_the_place_of_none(state: str) -> None:
    for amount, expected in ((8, "value"), (0, "zero")):
        facts = facts_of("a", {("a", "x"): state}, corrections=(correction(V, amount),))
        found = score(YEAR, facts)
        assert (found.figures[0].state, found.items[0].points) == (expected, Fraction(amount, 10))
    found = score(YEAR, facts_of("a", corrections=(correction(V, 8),)))
    assert points_of(found) == {"a": Fraction(4, 5)}


def test_a_check_on_nothing_takes_nothing_off() -> None:
    scored = score(YEAR, facts_of("a", {("a", "x"): "not_reported"}, corrections=(correction(S, 3),)))
    assert codes(scored, "warning") == ["spot_check_without_figure"]
    assert scored.adjustments == ()


def test_a_correction_nobody_reads_is_said() -> None:
    other: tuple[Correction, ...] = (correction(V, 3, indicator="y"),)
    scored = score(YEAR, facts_of("a", {("a", "x"): 10}, corrections=other))
    assert codes(scored, "info") == ["correction_unused"]
    assert scored.adjustments == ()


@pytest.mark.parametrize(
    ("decisions", "ends"),
    [
        ([("appealed", 14)], (8, 14)),
        ([("appealed", 5)], (5, 12)),
        ([("appealed", None)], (8, 12)),
        ([(V, 9), ("appealed", 12)], (9, 12)),
        ([(R, 9), ("appealed", 12)], (9, 12)),
        ([(S, 3)], (5, 9)),
        ([(S, 9)], (0, 3)),
    ],
)
def test_where_the_figure_may_lie(decisions: list[tuple[str, Any]], ends: tuple[int, int]) -> None:
    given = tuple(correction(kind, n, address=Address(1, at)) for at, (kind, n) in enumerate(decisions))
    held, _, findings = apply_corrections(
        YEAR.year, facts_of("a", {("a", "x"): (8, 10, 12)}, corrections=given), {"x"}
    )
    found = held["a", key_of("x")]
    assert (found.lower, found.upper) == ends
    assert [f.code for f in findings if f.severity == "info"] == ["appeal_open"] * (
        "appealed" in dict(decisions)
    )


def test_a_corrected_total_does_not_move_points_by_category() -> None:
    year = year_of(leaf("{tally: {points: {national: 3}}}"))
    figures = {("a", "x"): 2, ("a", "x/national"): 2}
    scored = score(year, facts_of("a", figures, corrections=(correction(V, 1),)))
    assert (points_of(scored), codes(scored)) == ({"a": 6}, ["correction_without_category"])
    assert codes(score(year, facts_of("a", figures, corrections=(correction(V, 2),)))) == []
