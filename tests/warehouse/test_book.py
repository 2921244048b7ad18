"""Closing a year: refused with reasons, written once, carried unchanged, guarded byte by byte, set beside today."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows.book.close_year import YearStaysOpen, close
from flows.contract.paths import Paths
from flows.database.connect import NoWarehouse, open_build
from flows.database.seal import seal
from flows.ingest.lock import login
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse.books import books, carry
from flows.warehouse.publish import CheckFailed, publish
from flows.warehouse.query import run_sql
from flows.warehouse.verify import TrustBroken
from tests.support.scheme import write_scheme
from tests.support.scored import GROUPS, score, state

NOON = datetime(2016, 4, 1, 12)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root whose scheme of 2015 is the one the results below were made with."""
    return write_scheme(tmp_path_factory.mktemp("root"), groups=GROUPS)


@pytest.fixture(scope="module")
def scored(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose warehouse holds the results of 2015: yongchuan first, dazu second."""
    return score(tmp_path_factory.mktemp("scored"), root).data


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


def held(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def one_of_each(names: Iterable[str]) -> list[str]:
    """A file of each folder and kind."""
    return sorted({(Path(name).parent, Path(name).suffix): name for name in names}.values())


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
    assert all(p.stat().st_mode & 0o777 == 0o444 for p in made.folder.rglob("*.*") if p.is_file())
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
        "insert into assess.finding values (2015, 'warning', 'scheme_warned', null, null, '有提醒', null, null)",
        "insert into assess.finding values (2014, 'error', 'rater_missing', 'dazu', null, '上年', null, null)",
    ],
)
def test_what_is_settled_does_not_keep_a_year_open(paths: Paths, root: Path, sql: str) -> None:
    alter(paths, sql)
    assert close(paths, 2015, NOON, root=root).manifest.edition == 1


@pytest.mark.parametrize(
    ("sql", "code", "unit"),
    [
        ("update assess.result set overall_rank = 3 - overall_rank", "rank_differs", "yongchuan"),
        (
            "update assess.result set group_rank = 2, group_rank_worst = 2 where unit_code = 'yongchuan'",
            "rank_differs",
            "yongchuan",
        ),
        (
            "update assess.result set grade = 'first', grade_best = 'first', grade_worst = 'first' where unit_code = 'dazu'",
            "grade_differs",
            "dazu",
        ),
    ],
)
def test_a_place_or_grade_that_does_not_follow_cannot_close(
    paths: Paths, root: Path, sql: str, code: str, unit: str
) -> None:
    alter(paths, sql)
    with pytest.raises(YearStaysOpen) as refused:
        close(paths, 2015, NOON, root=root)
    assert (code, unit) in [(m.code, m.unit) for m in refused.value.matters]
    assert all(m.key is None for m in refused.value.matters)
    assert not paths.books.exists()


def test_what_nobody_has_decided_is_closed_over_by_name_alone(paths: Paths, root: Path) -> None:
    alter(
        paths,
        "insert into assess.finding values (2015, 'info', 'appeal_open', 'dazu', 'mediation', '申诉尚未裁定', 7001, 3); "
        "insert into assess.bonus by name select 2015 as year, 'yongchuan' as unit_code, '甲' as matter, 'national' as level, "
        "2015 as work_year, 2015 as counted_year, 1 as claimed, 0 as counted, 'undecided' as why, 7002 as part_id, 4 as row_number",
    )
    with pytest.raises(YearStaysOpen) as refused:
        close(paths, 2015, NOON, root=root)
    keys = [m.key for m in refused.value.matters]
    assert keys == ["appeal_open:dazu:7001/3", "bonus_undecided:yongchuan:7002/4"]
    with pytest.raises(YearStaysOpen) as one_left:
        close(paths, 2015, NOON, "会议决定", root=root, by="王主任", despite=[str(keys[0])])
    assert [m.key for m in one_left.value.matters] == keys[1:]
    with pytest.raises(ValueError, match="nothing open is called appeal_open:dazu:1/1"):
        close(paths, 2015, NOON, "会议决定", root=root, by="王主任", despite=["appeal_open:dazu:1/1"])
    with pytest.raises(ValueError, match="--by and --reason"):
        close(paths, 2015, NOON, root=root, despite=[str(k) for k in keys])
    made = close(paths, 2015, NOON, "会议决定", root=root, by="王主任", despite=[str(k) for k in keys])
    assert (made.manifest.by, made.manifest.reason) == ("王主任", "会议决定")
    assert [text.split(" ")[0] for text in made.manifest.despite] == keys
    [noted] = Vault(paths.vault).chain.noted("book")
    assert (noted["by"], noted["reason"], noted["despite"]) == ("王主任", "会议决定", made.manifest.despite)


def test_who_closed_is_the_login_unless_said(paths: Paths, root: Path) -> None:
    assert close(paths, 2015, NOON, root=root).manifest.by == login()


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
    before = held(paths.books / "2015-1")
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
    assert held(paths.books / "2015-1") == before
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
    for name in one_of_each(held(folder)):
        path = folder / name
        sound = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(sound[:40] + bytes([sound[40] ^ 1]) + sound[41:])
        with pytest.raises(TrustBroken, match=r"2015-1/.* (was changed|is missing|does not belong)"):
            publish(paths)
        path.unlink()
        with pytest.raises(TrustBroken, match=f"2015-1/{name} is missing: .*restore"):
            publish(paths)
        path.write_bytes(sound)
    (folder / "more.txt").write_text("x", encoding="utf-8")
    with pytest.raises(TrustBroken, match=r"more.txt does not belong"):
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
    with pytest.raises(TrustBroken, match="2015-2 is gone"):
        publish(paths)
    shutil.copytree(first, second)
    with pytest.raises(TrustBroken, match="give the folder its name back"):
        publish(paths)
    shutil.rmtree(second)
    aside.rename(second)
    first.rename(aside)
    with pytest.raises(TrustBroken, match="2015-1 is gone"):
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


def test_a_close_that_was_cut_off_at_the_last_step_is_finished_by_the_next_run(
    paths: Paths, root: Path
) -> None:
    folder = close(paths, 2015, NOON, root=root).folder
    folder.rename(paths.books / ".2015-1.new")
    publish(paths)
    assert ask(paths, "select year, edition from book.edition") == [(2015, 1)]


def test_editions_of_before_there_was_an_anchor_are_taken_up(paths: Paths, root: Path) -> None:
    close(paths, 2015, NOON, root=root)
    for file in (paths.vault / "anchor.jsonl", paths.vault / "ledger.jsonl"):
        file.unlink()
    paths.warehouse_file().unlink()
    publish(paths)
    anchor = (paths.vault / "anchor.jsonl").read_text(encoding="utf-8").splitlines()
    assert [line["name"] for line in map(json.loads, anchor) if "name" in line] == ["2015-1"]
    shutil.copytree(paths.books / "2015-1", paths.books / "2014-1")
    with pytest.raises(TrustBroken, match="2014-1"):
        publish(paths)


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
