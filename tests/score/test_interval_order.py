"""A place made from unrounded totals is so at both ends as well: what rounds to the same is no tie."""

from __future__ import annotations

from datetime import date

from flows.score.engine.scoring import score
from tests.score.made import bounds_of
from tests.score.world import facts_of, year_of

STEPS = ["items", "rescale", "gates", "rank", "round", "grades"]


def test_a_closed_year_has_no_span_where_totals_are_equal_only_when_rounded() -> None:
    item = {
        "id": "legal_aid",
        "label": "法律援助",
        "points": 100,
        "indicator": "legal_aid_cases",
        "rule": {"linear": {"of": "value", "full_at": 100_000}},
    }
    year = year_of([item], {"yongchuan": "d", "wanzhou": "d"}, order=STEPS)
    facts = facts_of(
        {"yongchuan": {"legal_aid_cases": 70_001}, "wanzhou": {"legal_aid_cases": 70_000}},
        known_on=date(2016, 6, 1),
    )
    results = {r.unit: r for r in score(year, facts).results}
    assert results["yongchuan"].total == results["wanzhou"].total
    assert {u: (r.group_rank, r.grade) for u, r in results.items()} == {
        "yongchuan": (1, "special"),
        "wanzhou": (2, "first"),
    }
    found = bounds_of(year, facts)
    assert {u: (b.rank_best, b.rank_worst, b.grade_best, b.grade_worst) for u, b in found.items()} == {
        "yongchuan": (1, 1, "special", "special"),
        "wanzhou": (2, 2, "first", "first"),
    }
    assert all(b.is_final for b in found.values())
