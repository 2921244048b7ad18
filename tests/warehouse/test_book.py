"""Closing a year: refused with reasons, written once, carried unchanged, guarded byte by byte, set beside today."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows.contract.paths import Paths
from flows.database.connect import NoWarehouse, open_build
from flows.database.seal import seal
from flows.metrics.refresh import measure
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse.books import BookDamaged, books, carry
from flows.warehouse.close_year import YearStaysOpen, close
from flows.warehouse.publish import CheckFailed, publish
from flows.warehouse.query import run_sql
from tests.support.scheme import write_scheme
from tests.support.world import World, case

NOON = datetime(2016, 4, 1, 12)
GROUPS = {"yongchuan": "g", "dazu": "g"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root whose scheme of 2015 is the one the results below were made with."""
    return write_scheme(tmp_path_factory.mktemp("root"), groups=GROUPS)


@pytest.fixture(scope="module")
def scored(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose warehouse holds the results of 2015: yongchuan first, dazu second."""
    world = World(tmp_path_factory.mktemp("scored"))
    world.send("2016-01-05", "2015年调解台账.csv", case(1), case(2))
    world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        fill(con, load_year(2015, root).fingerprint)
        seal(con, "ref", "assess")
    publish(world.paths)
    return world.paths.data


def fill(con: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    con.execute(
        "insert into ref.scheme by name select 2015 as year, 'made' as scheme, '' as judged_by, '[]' as remarks, '样例' as label, '1号' as document_no, "
        "date '2016-03-31' as closing_on, 100 as full_points, 2 as total_places, $1 as fingerprint",
        [fingerprint],
    )
    con.execute(
        "insert into ref.item by name select 2015 as year, 'mediation' as item_id, 1 as position, '劳动争议调解' as label, "
        "100 as full_points, 100 as most_points, true as is_leaf"
    )
    con.execute(
        "insert into ref.target values (2015, 'yongchuan', 'mediation_succeeded', 2, '1号', date '2015-01-01')"
    )
    con.execute(
        "insert into assess.figure by name select 2015 as year, 'yongchuan' as unit_code, 'mediation_succeeded' as indicator_id, "
        "'2015-03' as period_id, 'value' as state, 2 as computed, 2 as actual, 2 as lower, 2 as upper"
    )
    state(con, {"yongchuan": 90, "dazu": 70})


def state(con: duckdb.DuckDBPyConnection, points: dict[str, int]) -> None:
    """What scoring says of 2015: one item; the first is graded first, the others second."""
    con.execute("delete from ref.unit_group; delete from assess.item_score; delete from assess.result")
    for rank, unit in enumerate(sorted(points, key=lambda u: -points[u]), 1):
        con.execute("insert into ref.unit_group values (2015, $1, 'g')", [unit])
        con.execute(
            "insert into assess.item_score by name select 2015 as year, $1 as unit_code, 'mediation' as item_id, "
            "true as is_leaf, 100 as full_points, 2 as target, $2 / 45 as actual, $2 as points, $2 as points_low, "
            "$2 as points_high, 'value' as state, '说明' as explanation",
            [unit, points[unit]],
        )
        con.execute(
            "insert into assess.result by name select 2015 as year, $1 as unit_code, 'g' as group_id, $2 as base_points, "
            "0 as bonus_points, 0 as deduction_points, $2 as total_points, $3 as group_rank, $3 as overall_rank, "
            "$4 as grade, 'final' as status, ['veto'] as gates, $2 as points_low, $2 as points_high, "
            "$3 as group_rank_best, $3 as group_rank_worst, $4 as grade_best, $4 as grade_worst, 1 as rescale",
            [unit, points[unit], rank, "first" if rank == 1 else "second"],
        )


@pytest.fixture
def paths(scored: Path, tmp_path: Path) -> Paths:
    return Paths(Path(shutil.copytree(scored, tmp_path / "data")))


def restate(paths: Paths, points: dict[str, int]) -> None:
    """What a late correction does: the build says something else of the year, and is published."""
    with open_build(paths) as con:
        state(con, points)
        seal(con, "ref", "assess")
    publish(paths)


def alter(paths: Paths, sql: str) -> None:
    """Make the published warehouse say something else."""
    paths.warehouse_file().chmod(0o644)
    con = duckdb.connect(str(paths.warehouse_file()))
    con.execute(sql)
    con.close()


def ask(paths: Paths, sql: str) -> list[tuple[object, ...]]:
    return list(run_sql(paths.warehouse_file(), sql).itertuples(index=False, name=None))


def test_an_edition_holds_what_the_warehouse_says_of_the_year(paths: Paths, root: Path) -> None:
    made = close(paths, 2015, NOON, root=root)
    assert made.folder == paths.books / "2015-1"
    said = json.loads((made.folder / "edition.json").read_text(encoding="utf-8"))
    assert (said["year"], said["edition"], said["closed_on"], said["deliveries"]) == (
        2015,
        1,
        "2016-01-05",
        1,
    )
    assert said["scheme_fingerprint"] == load_year(2015, root).fingerprint
    assert (said["rows"]["result"], said["rows"]["unit_group"], said["rows"]["finding"]) == (2, 2, 0)
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in made.folder.iterdir())
    assert ask(paths, "select unit_code, total_points, gates[1] from book.result order by all desc") == [
        ("yongchuan", 90.0, "veto"),
        ("dazu", 70.0, "veto"),
    ]
    # the values of the year and of the month that a rule read, and of nothing else
    assert ask(paths, "select distinct period_id from book.value order by all") == [("2015",), ("2015-03",)]
    assert (
        ask(
            paths,
            "from (select * exclude (edition, year) from book.value) except select v.* from metric.value v",
        )
        == []
    )
    assert "progress" not in said["rows"]


def test_the_same_results_give_the_same_files(paths: Paths, root: Path) -> None:
    first = close(paths, 2015, NOON, root=root)
    again = close(paths, 2015, datetime(2017, 1, 1), "once more", again=True, root=root)
    differing = {name for name in first.sums if first.sums[name] != again.sums[name]}
    assert differing == {"edition.json"}


@pytest.mark.parametrize(
    ("sql", "code", "unit"),
    [
        (
            "insert into assess.finding values (2015, 'error', 'rater_missing', 'dazu', 'mediation', '评分缺失', null, null)",
            "rater_missing",
            "dazu",
        ),
        (
            "update assess.item_score set points = null, state = 'unscored' where unit_code = 'dazu'",
            "item_open",
            "dazu",
        ),
        (
            "update assess.result set status = 'provisional', grade_worst = 'none' where unit_code = 'yongchuan'",
            "provisional",
            "yongchuan",
        ),
        ("update ref.scheme set fingerprint = 'other'", "other_scheme", None),
        ("delete from assess.result", "not_scored", None),
    ],
)
def test_a_year_with_open_matters_stays_open(
    paths: Paths, root: Path, sql: str, code: str, unit: str | None
) -> None:
    alter(paths, sql)
    with pytest.raises(YearStaysOpen, match="2015 stays open: 1 matters") as refused:
        close(paths, 2015, NOON, root=root)
    assert [(m.code, m.unit) for m in refused.value.matters] == [(code, unit)]
    assert not paths.books.exists()


@pytest.mark.parametrize(
    "sql",
    [
        # no part of the unit's scheme: left out, not open
        "update assess.item_score set points = null, full_points = 0, state = 'not_applicable' where unit_code = 'dazu'; "
        "update assess.result set base_points = 0, total_points = 0, points_low = 0 where unit_code = 'dazu'",
        "insert into assess.finding values (2015, 'warning', 'appeal_open', null, null, '有申诉', null, null)",
        "insert into assess.finding values (2014, 'error', 'rater_missing', 'dazu', null, '上年', null, null)",
    ],
)
def test_what_is_settled_does_not_keep_a_year_open(paths: Paths, root: Path, sql: str) -> None:
    alter(paths, sql)
    assert close(paths, 2015, NOON, root=root).manifest.edition == 1


def test_results_that_fail_a_check_are_not_closed(paths: Paths, root: Path) -> None:
    alter(paths, "update assess.result set base_points = 1 where unit_code = 'dazu'")
    with pytest.raises(CheckFailed, match="total_adds_up"):
        close(paths, 2015, NOON, root=root)
    assert not paths.books.exists()


def test_a_changed_scheme_folder_keeps_the_year_open(paths: Paths, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_scheme(other, groups={**GROUPS, "fuling": "g"})
    with pytest.raises(YearStaysOpen) as refused:
        close(paths, 2015, NOON, root=other)
    assert refused.value.matters[0].code == "other_scheme"


def test_a_second_close_is_said_and_becomes_the_next_edition(paths: Paths, root: Path) -> None:
    with pytest.raises(YearStaysOpen) as early:
        close(paths, 2015, NOON, "x", again=True, root=root)
    assert early.value.matters[0].code == "never_closed"
    first = close(paths, 2015, NOON, root=root)
    with pytest.raises(YearStaysOpen) as twice:
        close(paths, 2015, NOON, root=root)
    assert twice.value.matters[0].code == "closed_already"
    restate(paths, {"yongchuan": 95, "dazu": 70})
    second = close(paths, 2015, NOON, "申诉复议", again=True, root=root)
    assert [book.name for book in books(paths.books)] == ["2015-1", "2015-2"]
    assert books(paths.books)[0].fingerprint == first.fingerprint
    assert second.manifest.reason == "申诉复议"
    assert ask(
        paths, "select edition, total_points from book.result where unit_code = 'yongchuan' order by all"
    ) == [
        (1, 90.0),
        (2, 95.0),
    ]


def test_a_correction_changes_what_is_computed_and_never_what_was_decided(paths: Paths, root: Path) -> None:
    close(paths, 2015, NOON, root=root)
    before = {path.name: path.read_bytes() for path in (paths.books / "2015-1").iterdir()}
    unchanged = "select distinct 对照结果, 总分差 from open.结账对照"
    assert ask(paths, unchanged) == [("一致", 0.0)]
    restate(paths, {"yongchuan": 45, "dazu": 70})
    side = (
        "select 单位代码, 结账总分, 现总分, 总分差, 结账名次, 现名次, 名次差, 结账等次, 现等次, 对照结果 "
        "from open.结账对照 order by 结账名次"
    )
    labels = dict(ask(paths, "select code, label from ref.code where list = 'assessment_grade'"))
    first, second = labels["first"], labels["second"]
    assert ask(paths, side) == [
        ("yongchuan", 90.0, 45.0, -45.0, 1, 2, 1, first, second, "有变"),
        ("dazu", 70.0, 70.0, 0.0, 2, 1, -1, second, first, "有变"),
    ]
    items = "select 单位代码, 项目, 完成值差, 得分差, 对照结果 from open.结账分项对照 order by 得分差"
    assert ask(paths, items) == [
        ("yongchuan", "劳动争议调解", -1.0, -45.0, "有变"),
        ("dazu", "劳动争议调解", 0.0, 0.0, "一致"),
    ]
    assert {path.name: path.read_bytes() for path in (paths.books / "2015-1").iterdir()} == before
    years = "select 单位代码, 总分, 等次, 依据 from open.历年等次 where 年度 = 2015 order by 总分 desc"
    assert ask(paths, years) == [("yongchuan", 90.0, first, "结账"), ("dazu", 70.0, second, "结账")]


def test_a_unit_or_year_that_is_missing_on_one_side_is_said(paths: Paths, root: Path) -> None:
    close(paths, 2015, NOON, root=root)
    restate(paths, {"yongchuan": 90, "fuling": 70})
    rows = ask(paths, "select 单位代码, 对照结果, 总分差 is null from open.结账对照 order by all")
    assert rows == [
        ("dazu", "现库未计算", True),
        ("fuling", "结账时无此单位", True),
        ("yongchuan", "一致", False),
    ]
    items = "select 单位代码, 对照结果 from open.结账分项对照 order by all"
    assert ask(paths, items) == [("dazu", "现库未计算"), ("fuling", "结账时无此项"), ("yongchuan", "一致")]


def test_every_file_of_an_edition_is_guarded(paths: Paths, root: Path) -> None:
    folder = close(paths, 2015, NOON, root=root).folder
    before = paths.warehouse_file().read_bytes()
    for path in sorted(folder.iterdir()):
        sound = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(sound[:40] + bytes([sound[40] ^ 1]) + sound[41:])
        with pytest.raises(BookDamaged, match=r"2015-1/.* (was changed|is missing|does not belong)"):
            publish(paths)
        path.unlink()
        with pytest.raises(BookDamaged, match=f"2015-1/{path.name} is missing: put the file back"):
            publish(paths)
        path.write_bytes(sound)
    (folder / "more.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BookDamaged, match=r"more.txt does not belong"):
        close(paths, 2015, NOON, "r", again=True, root=root)
    assert paths.warehouse_file().read_bytes() == before
    (folder / "more.txt").unlink()
    publish(paths)


def test_an_edition_that_is_gone_or_replaced_is_missed(paths: Paths, root: Path) -> None:
    first = close(paths, 2015, NOON, root=root).folder
    second = close(paths, 2015, NOON, "r", again=True, root=root).folder
    publish(paths)
    aside = paths.data / "aside"
    second.rename(aside)
    with pytest.raises(BookDamaged, match="2015-2 is gone"):
        publish(paths)
    shutil.copytree(first, second)
    with pytest.raises(BookDamaged, match="give the folder its name back"):
        publish(paths)
    shutil.rmtree(second)
    aside.rename(second)
    first.rename(aside)
    with pytest.raises(BookDamaged, match="2015-1 is missing"):
        publish(paths)
    aside.rename(first)
    publish(paths)


def test_a_close_that_was_cut_off_leaves_nothing_that_counts(paths: Paths, root: Path) -> None:
    half = paths.books / ".2015-1.new"
    half.mkdir(parents=True)
    (half / "result.parquet").write_bytes(b"half")
    publish(paths)
    assert ask(paths, "from book.edition") == []
    assert close(paths, 2015, NOON, root=root).manifest.edition == 1


def test_an_edition_of_older_code_has_nulls_and_says_so(paths: Paths, root: Path) -> None:
    close(paths, 2015, NOON, root=root)
    with open_build(paths) as con:
        # today's code knows a column more and a column less than the edition
        con.execute("alter table assess.result add column extra integer")
        con.execute("alter table ref.target drop column document_no")
        carry(con, paths.books)
        assert con.execute(
            "select extra, total_points from book.result where unit_code = 'dazu'"
        ).fetchall() == [(None, 70)]
        assert con.execute("select document_no from book.target").fetchall() == [("1号",)]
        assert con.execute("select absent_columns from book.edition").fetchall() == [(["result.extra"],)]


def test_as_of_builds_carry_the_editions_too(paths: Paths, root: Path) -> None:
    from flows.normalise.build import build

    close(paths, 2015, NOON, root=root)
    moment = datetime(2015, 12, 31)
    build(paths, moment)
    measure(paths, moment)
    publish(paths, moment)
    assert len(run_sql(paths.warehouse_file(moment), "from book.result")) == 2


def test_a_book_with_a_row_less_is_not_published(paths: Paths, root: Path) -> None:
    from flows.warehouse.publish import check

    close(paths, 2015, NOON, root=root)
    with open_build(paths) as con:
        carry(con, paths.books)
        check(con)
        con.execute("delete from book.result where unit_code = 'dazu'")
        with pytest.raises(CheckFailed, match="book_is_whole"):
            check(con)


def test_without_a_warehouse_nothing_is_closed(tmp_path: Path, root: Path) -> None:
    with pytest.raises(NoWarehouse, match="union-assessment run"):
        close(Paths(tmp_path), 2015, NOON, root=root)
