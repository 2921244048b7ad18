"""When a publication says what it changed: not at first, not over what cannot be read; and what it said stays until results differ again.

The results here are written by hand, so that today's code cannot score them: all is told as the code's. How a difference is split is
tested in tests/score/test_restate.py and tests/book/test_restatement_story.py.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.contract.paths import Paths
from flows.database.connect import open_build, open_published
from flows.database.seal import seal
from flows.warehouse.publish import CheckFailed, check, publish
from tests.support import scored
from tests.support.scheme import write_scheme


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """yongchuan 90 points, dazu 70: published."""
    root = write_scheme(tmp_path, groups=scored.GROUPS)
    return scored.score(tmp_path / "data", root)


def again(paths: Paths, sql: str = "", **points: int) -> list[tuple[object, ...]]:
    """Score anew, publish, and what is said of totals and places."""
    with open_build(paths) as con:
        if points:
            scored.state(con, points)
        con.execute(sql)
        seal(con, "ref", "assess")
    publish(paths)
    with open_published(paths.warehouse_file()) as con:
        return con.execute(
            "select unit_code, kind, cast(before as int), cast(after as int), cast(by_code as int), reasons from meta.restatement "
            "where kind in ('total', 'overall_rank') order by unit_code, kind desc"
        ).fetchall()


def test_a_first_publication_and_an_equal_one_say_nothing(paths: Paths) -> None:
    assert again(paths) == []


def test_what_is_said_stays_until_results_change_again(paths: Paths) -> None:
    said = again(paths, yongchuan=90, dazu=95)
    assert [row[:5] for row in said] == [
        ("dazu", "total", 70, 95, 25),
        ("dazu", "overall_rank", 2, 1, -1),
        ("yongchuan", "overall_rank", 1, 2, 1),
    ]
    assert "程序" in str(said[0][5])
    assert again(paths) == said
    assert [row[:5] for row in again(paths, yongchuan=90, dazu=94)] == [("dazu", "total", 95, 94, -1)]


def test_a_unit_that_was_not_assessed_before_is_said_and_not_split(paths: Paths) -> None:
    said = again(paths, yongchuan=90, dazu=70, fuling=80)
    assert ("fuling", "total", None, 80, None, "参评单位有变") in said
    assert ("dazu", "overall_rank", 2, 3, 1) in [row[:5] for row in said]


def test_over_what_older_code_published_nothing_is_said(paths: Paths) -> None:
    file = paths.warehouse_file()
    file.chmod(0o600)
    with duckdb.connect(str(file)) as con:
        con.execute("alter table ref.scheme drop column text")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.warehouse.publish.require", lambda paths: None)
        assert again(paths, yongchuan=90, dazu=95) == []


@pytest.mark.parametrize(
    "sql",
    [
        "by_code = by_code + 1 where kind = 'overall_rank'",
        "by_data = 1, by_code = by_code - 1 where kind = 'total'",
    ],
)
def test_parts_that_do_not_add_up_stop_a_publication(paths: Paths, sql: str) -> None:
    again(paths, yongchuan=90, dazu=95)
    with open_build(paths) as con:
        check(con)
        con.execute(f"update meta.restatement set {sql}")
        with pytest.raises(CheckFailed, match="restatement_adds_up"):
            check(con)
