"""What figures tell of a scheme: weights as they work out, who decides."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from flows.score.lint.weights import LeafScore, weights
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
