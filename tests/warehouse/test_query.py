"""Questions to the published warehouse: every value as exact as DuckDB has it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.report.terminal import text
from flows.warehouse.query import run_sql


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    return path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("12345678901234567890.123456::decimal(38, 6)", "12345678901234567890.123456"),
        ("sum(0.1::decimal(3, 1)) from range(3)", "0.3"),
        ("interval 14 month", "1 year 2 months"),
        ("[interval 14 month]", "[1 year 2 months]"),
        ("[1.10::decimal(4, 2), null]", "[1.10, NULL]"),
        ("{'a': 1.10::decimal(4, 2)}", "{'a': 1.10}"),
        ("true", "true"),
        ("170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"),
        ("timestamp '2015-03-01 00:00:00'", "2015-03-01"),
    ],
)
def test_values_are_as_exact_as_the_database_has_them(file: Path, asked: str, said: str) -> None:
    assert [text(v) for v in run_sql(file, f"select {asked}").iloc[0]] == [said]


def test_what_is_no_question_is_said(file: Path) -> None:
    with pytest.raises(duckdb.Error):
        run_sql(file, "create table t as select 1")
