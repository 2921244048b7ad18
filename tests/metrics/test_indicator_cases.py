"""Each indicator on given rows, with the rows it must not count (`tests/case/indicator/<id>.yml`).

Whatever else the rows come to, for other units, periods and categories, is held against a second count.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.contract.catalogue import load_yaml, records
from flows.contract.indicator import indicators
from flows.metrics.indicator_sql import compile_indicator
from flows.metrics.values import fill
from tests.metrics.recount import differing
from tests.support import stand

CASES = sorted((Path(__file__).parents[1] / "case" / "indicator").glob("*.yml"))
_NAMES = {"unit", "period", "category"}


def test_every_indicator_has_a_case_and_every_case_an_indicator() -> None:
    assert [path.stem for path in CASES] == sorted(indicators())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case: dict[str, Any] = load_yaml(path)
    assert set(case) == {"case", "given", "expect"}
    con = stand.shared()
    con.execute("begin")
    try:
        for record, rows in case["given"].items():
            stand.give(con, record, rows)
        fill(con, {path.stem: indicators()[path.stem]})
        for expected in case["expect"]:
            key = [
                path.stem,
                expected.get("unit", "yongchuan"),
                expected.get("period", "2015"),
                expected.get("category"),
            ]
            checked = sorted(set(expected) - _NAMES)
            found = con.execute(
                f"select {', '.join(checked)} from metric.value "
                "where indicator_id = ? and unit_code = ? and period_id = ? "
                "and category is not distinct from ?",
                key,
            ).fetchall()
            assert found == [tuple(_exact(expected[name]) for name in checked)], (key, checked)
        compiled = compile_indicator(con, indicators()[path.stem], records())
        one_way, other_way = (
            con.execute(f"select count(*) from (({a}) except all ({b}))").fetchone()
            for a, b in ((compiled.plain, compiled.accepted), (compiled.accepted, compiled.plain))
        )
        assert one_way == other_way == (0,), "where nothing is open both are the same rows"
        compared, differences = differing(con, {path.stem: indicators()[path.stem]})
        assert compared > 0 and differences == {}
    finally:
        con.execute("rollback")


def _exact(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) else value
