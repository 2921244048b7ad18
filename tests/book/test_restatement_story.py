"""A year delivered, previewed, closed, changed and closed again: what each publication says of the one before, reckoned by hand.

永川 sends four cases in two files, 大足 three; the target of both is four, and mediation is worth 60 points: 60 and 45. After the first
close a file with two cases is withdrawn (永川 30), the target becomes three (40), and an appeal is ruled at 50 points.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.assess.score_years import create_open, score_years
from flows.book.close_year import YearStaysOpen, close
from flows.book.preview import publish_preview
from flows.book.unit_receipt import receipts
from flows.book.verify_book import verify_book
from flows.database.connect import open_build
from flows.metrics.refresh import measure
from flows.warehouse.publish import publish
from flows.warehouse.query import run_sql
from tests.support.scheme import assessed, write_scheme
from tests.support.world import World, case

NOON = datetime(2016, 4, 1, 12)
APPEAL = "被考核单位,考核年度,考核项目,申诉日期,预览编号,裁定,裁定日期,裁定分值,裁定文号"


class Office:
    """A data folder and a root with a scheme; `run` does what a run does."""

    def __init__(self, folder: Path) -> None:
        self.world, self.root = World(folder / "data"), folder / "root"
        self.root.mkdir()
        self.paths = replace(self.world.paths, signing_key=folder / "key.pem")

    def run(self, *more: str) -> None:
        """Build, measure, score, publish; `more`: lines that target.csv has beside four cases for everybody."""
        lines = [f"{u.unit_code},mediation_succeeded,4,样例〔2015〕2号,2015-01-20" for u in assessed()]
        write_scheme(self.root, groups={u.unit_code: "district" for u in assessed()}, targets=[*lines, *more])
        self.world.build()
        measure(self.paths)
        with open_build(self.paths) as con:
            score_years(con, 2015, self.root)
            create_open(con)
        publish(self.paths)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        found = run_sql(self.paths.warehouse_file(), sql).astype(object)
        return list(found.itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The whole story; each publication stays in its folder."""
    office = Office(tmp_path_factory.mktemp("story"))
    world = office.world
    world.write("2015年上半年调解台账.csv", case(1), case(2))
    world.write(
        "2015年下半年调解台账.csv", case(3, "2015-08-01", "2015-09-01"), case(4, "2015-08-01", "2015-09-01")
    )
    world.write("2015年调解台账.csv", case(1), case(2), case(3), sender="大足区总工会")
    world.take_in("2016-01-05")
    office.run()
    publish_preview(office.paths, 2015, date(2016, 2, 10), NOON, office.root)
    close(office.paths, 2015, NOON, root=office.root)
    withdrawn = next(d for d in world.vault.deliveries() if "下半年" in d.name)
    world.vault.withdraw(withdrawn.delivery_id, "重复", NOON)
    office.run()
    publish_preview(office.paths, 2015, date(2016, 3, 10), NOON, office.root)
    ruled = "永川区,2015,劳动争议调解,2016-02-01,1,支持,2016-03-01,50,样裁〔2016〕1号"
    world.send("2016-03-05", "2015年申诉与裁定登记表.csv", ruled, sender="重庆市总工会", header=APPEAL)
    office.run("yongchuan,mediation_succeeded,3,样例〔2015〕9号,2015-06-30")
    close(office.paths, 2015, NOON, "复议", again=True, root=office.root)
    return office


def parts(rows: list[tuple[Any, ...]]) -> dict[str, tuple[float, ...]]:
    """Matter → its numbers."""
    return {name: tuple(map(float, numbers)) for name, *numbers in rows}


SPLIT = "select 事项, 原数, 现数, 数据, 目标, 办法, 核定裁定, 程序 from open.更正说明 where 单位代码 = '{}' and 版本 = '{}'"


def test_the_second_edition_says_what_it_changed_so_that_it_adds_up(office: Office) -> None:
    assert parts(office.ask(SPLIT.format("yongchuan", "2015-2"))) == {
        "总分": (60, 50, -30, 10, 0, 10, 0),
        "组内名次": (1, 1, 1, 0, 0, -1, 0),
        "总名次": (1, 1, 1, 0, 0, -1, 0),
        "等次": (1, 1, 1, 0, 0, -1, 0),
        "劳动争议调解": (60, 50, -30, 10, 0, 10, 0),
    }
    assert parts(office.ask(SPLIT.format("dazu", "2015-2"))) == {
        "组内名次": (2, 2, -1, 0, 0, 1, 0),
        "总名次": (2, 2, -1, 0, 0, 1, 0),
        "等次": (2, 2, -1, 0, 0, 1, 0),
    }
    [(why, against, gone)] = office.ask(
        "select 原因, 对照版本, 不再计入的报送 from open.更正说明 where 版本 = '2015-2' and 项目代码 = 'mediation'"
    )
    assert against == "2015-1"
    assert why.startswith(
        "数据－30分（成功调解劳动争议案件由4件变为2件，不再计入《2015年下半年调解台账.csv》（2016-01-05收到））"
    )
    assert "目标＋10分（目标由4件变为3件（样例〔2015〕9号））" in why
    assert "核定裁定＋10分（新增申诉裁定（样裁〔2016〕1号））" in why
    assert len(gone) == 1
    page = (office.paths.books / "2015-2" / "restatement.html").read_text(encoding="utf-8")
    assert "永川区总工会" in page
    assert why in page
    assert "没有变化" in (office.paths.books / "2015-1" / "restatement.html").read_text(encoding="utf-8")
    assert not (office.paths.previews / "2015-1" / "restatement.html").exists()


def test_a_preview_says_what_it_changed_beside_the_one_before(office: Office) -> None:
    assert parts(office.ask(SPLIT.format("yongchuan", "2015-预2")))["总分"] == (60, 30, -30, 0, 0, 0, 0)
    assert office.ask("select number, until from book.preview order by number") == [
        (1, date(2016, 2, 10)),
        (2, date(2016, 3, 10)),
    ]
    assert office.ask("select 预览编号, 核对, 裁定 from open.异议") == [(1, "在期限内", "支持")]


def test_the_warehouse_says_what_the_last_publication_changed(office: Office) -> None:
    assert parts(office.ask(SPLIT.format("yongchuan", "最近发布")))["总分"] == (30, 50, 0, 10, 0, 10, 0)


def test_any_two_are_asked_for_by_name(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(office.paths.data))
    done = CliRunner().invoke(cli.app, ["restate", "2015-预2", "now", "--unit", "永川区", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["before"], told["after"]) == ("2015-预2", "now")
    [total] = [d for d in told["differences"] if d["kind"] == "total"]
    assert [total[f"by_{f}"] for f in ("data", "target", "scheme", "decision", "code")] == [
        "0",
        "10",
        "0",
        "10",
        "0",
    ]
    done = CliRunner().invoke(cli.app, ["restate", "2015-1", "2015-2", "--unit", "永川区"])
    assert "永川区 总分 60分→50分：数据－30分（劳动争议调解－30分：成功调解" in done.stdout.replace("\n", "")
    for names in (("2015-3", "now"), ("now", "now"), ("2015-1", "2014-1")):
        done = CliRunner().invoke(cli.app, ["restate", *names])
        assert done.exit_code == 1
    assert (
        "of 2015 there are 2015-1, 2015-2, 2015-预1, 2015-预2, now"
        in CliRunner().invoke(cli.app, ["restate", "2015-3"]).stderr
    )


def test_a_preview_needs_a_day_to_object_on(office: Office) -> None:
    with pytest.raises(YearStaysOpen) as early:
        publish_preview(office.paths, 2015, date(2016, 1, 5), NOON, office.root)
    assert [m.code for m in early.value.matters] == ["until_too_early"]


def test_a_receipt_names_the_preview_it_is_about(office: Office) -> None:
    [(_unit, data)] = receipts(office.paths.previews / "2015-2", "dazu")
    assert json.loads(data)["of"]["name"] == "2015-预2"


def test_each_publication_stands_alone(office: Office) -> None:
    folders = [*office.paths.books.glob("*-*"), *office.paths.previews.glob("*-*")]
    assert len(folders) == 4
    for folder in folders:
        found = {claim.name: claim for claim in verify_book(folder)}
        assert [claim for claim in found.values() if claim.wrong] == []
        assert {"places", "restatement", "chain", "scored"} <= found.keys()
        assert [name for name, claim in found.items() if claim.is_open] == []
