"""A district alone: its receipt and its own files give its score again; of other units it learns what is published, and no more."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.assess.score_years import score_years
from flows.book.close_year import manifest_of
from flows.book.recompute import recompute
from flows.book.unit_receipt import NoSuchReceipt, receipt_now, receipts
from flows.book.write_book import write_book
from flows.contract.paths import Paths
from flows.database.connect import open_build, open_published
from flows.metrics.refresh import measure
from flows.warehouse.books import ClosedBook
from flows.warehouse.publish import publish
from tests.support.scheme import assessed, write_scheme
from tests.support.world import World, case

ITEMS = """
items:
  - id: rights
    label: 维权机制
    items:
      - {id: mediation, label: 劳动争议调解, points: 60, indicator: mediation_succeeded, rule: {linear: {}}}
      - {id: share, label: 调解成功率, points: 20, indicator: mediation_success_rate, rule: {linear: {of: {as: share_of_best, undefined: 0}}}}
  - {id: rating, label: 综合评价, points: 20, rule: {linear: {of: {scores: leader}}}}
"""
RATED = "被考核单位,考核年度,考核项目,评分人,评分主体,得分,满分,评分理由"
BONUS = "被考核单位,加分事项,加分类别,级别,工作年度,计分年度,申报加分,核定加分,依据文号"
NOTICE = "被考核单位,考核年度,考核项目,扣分,扣分原因,通知文号"
OFFICE = "重庆市总工会"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, ClosedBook]:
    """A year of three districts with lists of their own, and what the office recorded about them; scored, and a book of it."""
    folder = tmp_path_factory.mktemp("office")
    world = World(folder / "data")
    world.paths = Paths(folder / "data", folder / "key.pem")
    rated, bonus, notices = [], [], []
    for unit, good in (("永川区总工会", 3), ("大足区总工会", 2), ("涪陵区总工会", 1)):
        lines = [case(n, result="调解成功" if n < good else "调解不成功") for n in range(4)]
        world.write("一季度/2015年调解台账孟冬梅.csv", *lines, sender=unit)
        rated += [f"{unit},2015,rating,样{n},领导,{18 - good - n},20,理由{unit}" for n in range(2)]
        bonus += [f"{unit},市级先进表彰,表彰,市级,2015,2015,1,1,渝工发〔2015〕{good}号"]
        notices += [f"{unit},2015,mediation,0.5,报表差错,渝工发〔2015〕1{good}号"]
    world.write("2015年测评打分表.csv", *rated, sender=OFFICE, header=RATED)
    world.write("2015年加分申报表.csv", *bonus, sender=OFFICE, header=BONUS)
    world.write("2015年扣分通知登记表.csv", *notices, sender=OFFICE, header=NOTICE)
    world.take_in("2016-01-12T09:30")
    units = [u.unit_code for u in assessed()]
    targets = [f"{unit},mediation_succeeded,2,样例1号,2015-01-20" for unit in units]
    root = write_scheme(folder, ITEMS, groups=dict.fromkeys(units, "district"), targets=targets)
    world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        score_years(con, 2015, root)
    publish(world.paths)
    with open_published(world.paths.warehouse_file()) as con:
        return world, write_book(
            con, world.paths, manifest_of(con, 2015, 1, None, datetime(2016, 4, 1)), root
        )


@pytest.fixture(scope="module")
def receipt(office: tuple[World, ClosedBook]) -> bytes:
    return dict(receipts(office[1].folder, "dazu"))["dazu"]


def test_a_receipt_has_all_that_is_the_units(office: tuple[World, ClosedBook], receipt: bytes) -> None:
    said = json.loads(receipt)
    assert (said["name"], said["of"]["manifest"]) == ("大足区总工会", office[1].manifest_hash)
    assert {i["item_id"]: bool(i["explanation"]) for i in said["items"] if i["is_leaf"] == "true"} == {
        "mediation": True, "share": True, "rating": True,
    }  # fmt: skip
    [delivery] = said["deliveries"]
    assert delivery["received_at"] == "2016-01-12 09:30:00"
    assert len(said["office_lists"]) == 3
    assert len(said["results_of_all"]) == 40
    facts = said["facts"]
    assert [s[3] for s in facts["scores"] if s[0] == "dazu"] == ["16", "15"]
    assert [b[2] for b in facts["bonus"] if b[0] == "dazu"] == ["市级先进表彰"]
    assert [n[3] for n in facts["notices"] if n[0] == "dazu"] == ["报表差错"]
    assert dict(receipts(office[1].folder))["dazu"] == receipt


def test_of_others_it_holds_what_the_published_results_show(receipt: bytes) -> None:
    facts: dict[str, Any] = json.loads(receipt)["facts"]
    assert {s[0] for s in facts["scores"]} == {"dazu"}
    assert {n[3] for n in facts["notices"] if n[0] != "dazu"} == {""}
    assert all(b[2].isdigit() for b in facts["bonus"] if b[0] != "dazu")
    assert "孟冬梅" not in receipt.decode()
    # single ratings are not published, the points they gave are
    assert {r[1]: r[3] for r in facts["points_rulings"]} == {"yongchuan": "29/2", "fuling": "33/2"}


def test_a_unit_s_own_files_give_its_score_again(
    office: tuple[World, ClosedBook], receipt: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(receipt)
    own = tmp_path / "files" / "随便放" / "一季度"
    own.mkdir(parents=True)
    [source] = (office[0].paths.inbox / "大足区总工会").rglob("*.csv")
    shutil.copyfile(source, own / source.name)
    shutil.copyfile(source, own / "又一份.csv")
    found = recompute(file, tmp_path / "files", tmp_path / "fresh", datetime(2020, 1, 1))
    assert found.missing == ()
    counts = {
        kind: Counter(c.outcome for c in found.compared if c.kind == kind) for kind in ("figure", "item")
    }
    assert counts["figure"] == {"own": 2}
    assert {c.label: c.outcome for c in found.compared if c.kind == "item"} == {
        "劳动争议调解": "own", "调解成功率": "peers", "综合评价": "office",
    }  # fmt: skip
    last = {
        c.label: (c.said, c.again, c.outcome) for c in found.compared if c.kind in ("total", "place", "grade")
    }
    assert {outcome for _said, _again, outcome in last.values()} == {"peers"}
    assert last["place among all"][:2] == ("2", "2")
    assert last["total"][0] == last["total"][1]


def test_what_differs_and_what_has_no_file_is_said(
    office: tuple[World, ClosedBook], receipt: bytes, tmp_path: Path
) -> None:
    """Another figure, other points, a place: as if the office had counted a case less, and lost a file."""
    said = json.loads(receipt)
    for row in said["facts"]["figures"]:
        if row[:2] == ["dazu", "mediation_succeeded"]:
            row[5:10] = ["1", "1", None, "1", "1"]
    [item] = [item for item in said["items"] if item["item_id"] == "mediation"]
    item["points"] = "30.000000"
    said["result"] |= {"overall_rank": "3"}
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    own = office[0].paths.inbox / "大足区总工会"
    done = CliRunner().invoke(cli.app, ["recompute", "--receipt", str(file), "--inbox", str(own), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert {c["label"] for c in told["compared"] if c["outcome"] == "differs"} == {
        "成功调解劳动争议案件 2015", "劳动争议调解", "place among all",
    }  # fmt: skip
    assert told["counts"]["place"] == {"own": 0, "office": 0, "peers": 1, "differs": 1}
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(
        cli.app, ["recompute", "--receipt", str(file), "--inbox", str(tmp_path / "empty")]
    )
    assert done.exit_code == 1
    assert "no file for the delivery" in done.stdout


def test_what_is_no_receipt_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    for text in ("{}", "[]", "x", '{"form": 2}'):
        file.write_text(text, encoding="utf-8")
        done = CliRunner().invoke(cli.app, ["recompute", "--receipt", str(file), "--inbox", str(tmp_path)])
        assert done.exit_code == 1
        assert "is no receipt that this code can read" in done.stderr


def test_the_command_writes_it_of_the_last_book_or_of_now(
    office: tuple[World, ClosedBook], receipt: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = office[0].paths
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(paths.data))
    done = CliRunner().invoke(cli.app, ["receipt", "--unit", "大足区"])
    assert done.exit_code == 0, done.stderr
    file = paths.results / "2015" / "units" / "大足区总工会" / "成绩单数据.json"
    assert file.read_bytes() == receipt
    assert file.stat().st_mode & 0o777 == 0o640
    root = next(paths.data.parent.glob("data/scheme")).parents[1]
    now = json.loads(receipt_now(paths, 2015, "dazu", root))
    assert now.pop("of")["kind"] == "now"
    assert now == {k: v for k, v in json.loads(receipt).items() if k != "of"}
    with pytest.raises(NoSuchReceipt):
        dict(receipts(office[1].folder, "chongqing"))
    for arguments in (["--unit", "无此区"], ["--unit", "大足区", "--now", "--book", str(tmp_path)]):
        assert CliRunner().invoke(cli.app, ["receipt", *arguments]).exit_code == 2
