"""What a publication says of results that differ from the one before: who moved, and by what."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.contract.paths import Paths
from flows.database.connect import open_build, open_published
from flows.database.seal import seal
from flows.warehouse.publish import publish
from tests.support import scored
from tests.support.scheme import write_scheme


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """yongchuan 90 points, dazu 70: published."""
    root = write_scheme(tmp_path, groups=scored.GROUPS)
    return scored.score(tmp_path / "data", root)


def again(paths: Paths, sql: str = "", **points: int) -> list[tuple[object, ...]]:
    """Score anew, publish, and what is said of it."""
    with open_build(paths) as con:
        if points:
            scored.state(con, points)
        con.execute(sql)
        seal(con, "ref", "assess")
    publish(paths)
    with open_published(paths.warehouse_file()) as con:
        return con.execute(
            "select unit_code, cast(points_before as int), cast(points_now as int), overall_rank_before, overall_rank_now, reasons "
            "from meta.result_move order by unit_code"
        ).fetchall()


OTHERS = ("yongchuan", 90, 90, 1, 2, "其他单位的得分有变")


def test_a_first_publication_and_an_equal_one_say_nothing(paths: Paths) -> None:
    assert again(paths) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("update assess.item_score set actual = 9 where unit_code = 'dazu'", "数据有变"),
        ("update assess.item_score set target = 3 where unit_code = 'dazu'", "目标有变"),
        ("update assess.item_score set rule = 'bands', actual = 70 / 45", "办法有变"),
        (
            "update assess.item_score set actual = 70 / 45 where unit_code = 'dazu'; update ref.scheme set fingerprint = 'x'",
            "办法有变",
        ),
        ("update assess.item_score set actual = 70 / 45 where unit_code = 'dazu'", "其他单位的数据有变"),
        (
            "insert into assess.adjustment by name select 2015 as year, 'dazu' as unit_code, 'ruled_points' as kind, "
            "'mediation' as item_id, 95 as amount, 95 as after, 1 as part_id, 3 as row_number",
            "核定或裁定有变",
        ),
    ],
)
def test_what_moved_a_unit_is_said(paths: Paths, sql: str, why: str) -> None:
    said = again(paths, sql, yongchuan=90, dazu=95)
    assert said == [("dazu", 70, 95, 2, 1, f"劳动争议调解＋25.00分（{why}）"), OTHERS]


def test_it_stays_until_results_change_again(paths: Paths) -> None:
    said = again(paths, yongchuan=90, dazu=95)
    assert again(paths) == said
    [dazu] = again(paths, yongchuan=90, dazu=94)
    assert dazu == ("dazu", 95, 94, 1, 1, "劳动争议调解－1.00分（数据有变）")


def test_a_unit_that_was_not_assessed_before_is_said(paths: Paths) -> None:
    said = again(paths, yongchuan=90, dazu=70, fuling=80)
    assert said == [
        ("dazu", 70, 70, 2, 3, "其他单位的得分有变"),
        ("fuling", None, 80, None, 2, "参评单位有变"),
    ]


def test_over_what_older_code_published_nothing_is_said(paths: Paths) -> None:
    file = paths.warehouse_file()
    file.chmod(0o600)
    with duckdb.connect(str(file)) as con:
        con.execute("drop table meta.result_move")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.warehouse.publish.require", lambda paths: None)
        assert again(paths, yongchuan=90, dazu=95) == []
