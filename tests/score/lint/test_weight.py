"""What figures tell of a scheme: weights as they work out, items that set nobody apart, items that say the same."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from flows.score.lint.weights import LeafScore, redundant, weight_findings, weights
from flows.score.scheme.scheme_loader import SchemeYear, load_folder

F = Fraction
UNITS = [f"u{n}" for n in range(10)]


@pytest.fixture(scope="module")
def year() -> SchemeYear:
    return load_folder(Path(__file__).parent / "sound" / "peers")


def cells(
    item: str, full: int, points: Iterable[int], figures: Iterable[int] | None = None
) -> list[LeafScore]:
    given = list(points)
    actual = list(figures) if figures is not None else given
    return [LeafScore(u, item, F(p), F(full), F(a)) for u, p, a in zip(UNITS, given, actual, strict=True)]


def test_effective_weights_add_up_and_show_who_decides(year: SchemeYear) -> None:
    found = weights(
        year,
        [*cells("members", 20, [20] * 10), *cells("growth", 15, range(10)), *cells("places", 20, [0, 5] * 5)],
    )
    by_item = {w.item: w for w in found}
    assert [w.item for w in found] == ["members", "growth", "places"]  # the order of the scheme
    assert sum(w.effective or 0 for w in found) == 1 == sum(w.nominal for w in found)
    assert by_item["members"].effective == 0 and by_item["members"].nominal == F(20, 55)
    # var(growth) = 82.5, var(places) = 62.5, cov = 12.5 (each times 10)
    assert by_item["growth"].effective == F("95") / 170 and by_item["places"].effective == F("75") / 170
    assert (by_item["members"].at_full, by_item["members"].at_zero, by_item["places"].at_zero) == (10, 0, 5)


def test_equal_totals_have_no_effective_weight(year: SchemeYear) -> None:
    assert [w.effective for w in weights(year, cells("members", 20, [7] * 10))] == [None]


def test_items_that_set_nobody_apart_are_named(year: SchemeYear) -> None:
    found = weight_findings(
        year,
        [*cells("members", 20, [20] * 10), *cells("growth", 15, [0] * 10), *cells("places", 20, range(10))],
    )
    assert [(f.code, f.clause, f.severity) for f in found] == [
        ("all_at_cap", "会员人数", "info"),
        ("all_at_zero", "会员增长", "info"),
    ]
    assert found[0].line < found[1].line and found[0].file.endswith("scheme.yml")


def test_pairs_that_order_the_units_alike_are_named_at_the_later_item(year: SchemeYear) -> None:
    rising = [n * n for n in range(10)]  # not in proportion: only the order counts
    found = weight_findings(year, [*cells("members", 20, range(10)), *cells("growth", 15, range(10), rising)])
    assert [(f.code, f.clause) for f in found] == [("redundant", "会员增长")]
    assert "会员人数" in found[0].message and "correlation 1)" in found[0].message


def test_pairs_are_told_by_rank_with_ties_shared_either_way_round() -> None:
    falling = cells("b", 10, range(10), range(10, 0, -1))
    assert redundant([*cells("a", 10, range(10)), *falling]) == [("a", "b", -1)]
    assert redundant([*cells("a", 10, range(10)), *cells("b", 10, [3] * 10)]) == []  # all equal orders nobody
    swapped = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8]  # Spearman 0.9394
    assert redundant([*cells("a", 10, range(10)), *cells("b", 10, swapped)]) == []


def test_few_units_prove_nothing_and_open_or_left_out_cells_do_not_count() -> None:
    pair = [*cells("a", 10, range(10)), *cells("b", 10, range(10))]
    assert redundant([c for c in pair if c.unit < "u7"]) == []
    open_ones = [c._replace(points=None) if c.unit < "u5" and c.item == "b" else c for c in pair]
    assert redundant(open_ones) == []
    assert redundant([c._replace(full=F(0)) if c.item == "b" else c for c in pair]) == []
