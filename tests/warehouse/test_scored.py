"""Scored leaves are read exactly; a year without scores says what to run."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from flows.database.connect import NoWarehouse
from flows.score.lint.weights import LeafScore
from flows.warehouse.published_scores import NotScored, scored_cells

TABLE = """create schema assess; create table assess.item_score (year smallint, unit_code varchar, item_id varchar,
    is_leaf boolean, points decimal(18, 6), full_points decimal(18, 6), actual decimal(38, 6))"""
ROWS = """insert into assess.item_score values (2015, 'b', 'x', true, 0.1, 3, null), (2015, 'a', 'x', true, null, 3, 12.5),
    (2015, 'a', 'block', false, 3, 3, null), (2014, 'a', 'x', true, 1, 3, 1)"""


def made(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return path


def test_leaves_of_the_year_are_read_exactly(tmp_path: Path) -> None:
    assert scored_cells(made(tmp_path / "w.duckdb", TABLE, ROWS), 2015) == [
        LeafScore("a", "x", None, Fraction(3), Fraction(25, 2)),
        LeafScore("b", "x", Fraction(1, 10), Fraction(3), None),
    ]


@pytest.mark.parametrize("statements", [(), (TABLE,), (TABLE, ROWS)])
def test_a_year_without_scores_says_what_to_run(tmp_path: Path, statements: tuple[str, ...]) -> None:
    with pytest.raises(NotScored, match="no scores of 2013: run `union-assessment run --year 2013`"):
        scored_cells(made(tmp_path / "w.duckdb", *statements), 2013)


def test_no_warehouse_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse):
        scored_cells(tmp_path / "w.duckdb", 2015)
