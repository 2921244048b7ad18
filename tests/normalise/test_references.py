"""References across kinds: what a column names has to be in the unit's own lists of another kind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from flows.contract.catalogue import ContractError, records
from flows.contract.units import reference
from flows.database.connect import open_scratch
from flows.normalise import build as build_module
from flows.normalise.schema import bind_rules, create
from flows.read.roundtrip.marks import KEY_HEADER, NOTE_HEADER, RowKey
from flows.warehouse.publication_stops import PublicationStopped, acknowledge, stops_at_hand
from flows.warehouse.publish import publish, swap_in
from tests.support.world import World

BROKEN = """select delivery_id, sheet, row_number, column_name, severity, message from meta.issue
  where issue_code = 'reference_broken' order by delivery_id, row_number"""
MEMBERS = {"header": "姓名,所在工会,入会时间"}
UNIONS = {"header": "工会名称,单位名称,工会类型,状态"}
EMPLOYERS = {"header": "单位名称,是否应建会,是否建会"}
COMPETITIONS = {"header": "竞赛名称,起止日期,竞赛类别"}
PARTS = {"header": "竞赛名称,竞赛时间,参赛单位,参赛职工人次"}
HONOURS = {"header": "荣誉名称,级别,获得者类型,获得者,授予日期,文号"}
BONUSES = {
    "sender": "重庆市总工会",
    "header": "被考核单位,加分事项,类别,级别,工作年度,计分年度,申报加分,依据文号",
}


def bonus(number: int, kind: str, document: str, unit: str = "永川区") -> str:
    return f"{unit},事项{number},{kind},市级,2015,2015,1,{document}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("references"))
    world.write(
        "会员名册20151231.csv",
        "甲,甲公司工会,2010-05",
        "乙,ｊｉａ 公司 工会,2010-05",
        "丙,查无工会,2010-05",
        "丁,查无工会,2010-05",
        "戊,,2010-05",
        **MEMBERS,
    )
    world.write("会员名册20131231.csv", "甲,查无工会,2010-05", **MEMBERS)
    world.write(
        "截至2015年12月31日工会组织台账.csv",
        "甲公司工会,甲公司,单独基层工会,正常",
        "JIA公司工会,乙公司,单独基层工会,正常",
        "丙工会,丙公司,联合基层工会,正常",
        "丁工会,丁公司,单独基层工会,撤销",
        "乙公司工会,,乱填,正常",
        **UNIONS,
    )
    world.write("截至2015年12月31日应建会单位台账.csv", "甲公司,是,是", **EMPLOYERS)
    world.write(
        "2015年劳动竞赛台账.csv",
        "安全竞赛,2015-03-01至2015-03-09,劳动竞赛",
        "春季竞赛,乱填,劳动竞赛",
        **COMPETITIONS,
    )
    world.write(
        "2015年参赛单位明细.csv",
        "安全竞赛,2015-03-01至2015-03-09,甲公司,5",
        "春季竞赛,2015-03-01至2015-03-09,甲公司,5",
        "秋季竞赛,2015-09-01至2015-09-09,甲公司,5",
        **PARTS,
    )
    world.write("2015年荣誉台账.csv", "五一劳动奖状,市级,单位,甲公司,2015-05-01,样工发〔2015〕1号", **HONOURS)
    world.write(
        "2015年加分申报.csv",
        bonus(1, "表彰加分", "样工发〔2015〕1号"),
        bonus(2, "表彰加分", "样工发〔2015〕2号"),
        bonus(3, "试点任务", "样工发〔2015〕3号"),
        bonus(4, "表彰加分", "样工发〔2015〕4号", "大足区"),
        **BONUSES,
    )
    world.take_in("2016-01-05")
    world.build()
    return world


def addresses(world: World) -> list[tuple[object, ...]]:
    names = {d.delivery_id: d.name for d in world.vault.deliveries()}
    return [(names[int(str(i))], row, column) for i, _, row, column, _, _ in world.ask(BROKEN)]


def test_what_is_named_and_in_no_list_of_the_unit_is_a_warning_with_its_address(world: World) -> None:
    """Folded texts are one. A row that is rejected for something else is there. Nothing is asked of a year whose list was not
    sent, of a unit that sent none (大足区), of empty cells and of rows that the contract leaves out."""
    assert sorted(addresses(world)) == [
        ("2015年加分申报.csv", 3, "document_no"),
        ("2015年参赛单位明细.csv", 4, "competition_name"),
        ("会员名册20151231.csv", 4, "union_name"),
        ("截至2015年12月31日工会组织台账.csv", 3, "employer"),
    ]
    found = {column: (severity, message) for _, _, _, column, severity, message in world.ask(BROKEN)}
    assert {severity for severity, _ in found.values()} == {"warning"}
    said = found["union_name"][1]
    assert said.startswith("所在工会：所填的在该单位报送的工会组织台账里查不到") and "同样的共2行" in said
    assert "查无工会" not in said


def test_the_rows_count_as_before(world: World) -> None:
    assert world.ask("select count(*) from current.member") == [(6,)]
    assert world.ask("select count(*) from current.competition_participation") == [(3,)]


def test_a_list_that_comes_later_settles_it_and_one_that_goes_reopens_it(world: World) -> None:
    lines = [f"{season}竞赛,2015-03-01至2015-03-09,劳动竞赛" for season in ("安全", "春季", "秋季")]
    world.send("2016-02-05", "2015年劳动竞赛台账（二）.csv", *lines, **COMPETITIONS)
    world.build()
    assert "competition_name" not in {column for *_, column in addresses(world)}
    world.vault.withdraw(max(d.delivery_id for d in world.vault.deliveries()), "误报", datetime(2016, 2, 6))
    world.build()
    assert ("2015年参赛单位明细.csv", 4, "competition_name") in addresses(world)


def test_a_cell_that_may_have_been_asked_for_may_be_changed(tmp_path: Path) -> None:
    """Whether it was depends on what others had sent by then; another cell of the row is said to be changed."""
    world = World(tmp_path)
    lines = [f"{name}竞赛,2015-09-01至2015-09-09,甲公司,5" for name in ("秋天", "冬季")]
    world.send("2016-01-05", "2015年参赛单位明细.csv", *lines, **PARTS)
    sha = world.vault.deliveries()[0].sha256
    keys = [str(RowKey.of(1, row, sha, "")) for row in (2, 3)]
    back = [lines[0].replace("秋天", "秋季"), lines[1].replace("甲公司", "乙公司")]
    book = openpyxl.Workbook()
    book.active.append([*PARTS["header"].split(","), NOTE_HEADER, KEY_HEADER])
    for line, key in zip(back, keys, strict=True):
        book.active.append([*line.split(","), None, key])
    book.save(world.paths.inbox / "永川区总工会" / "2015年参赛单位明细（报回）.xlsx")
    world.take_in("2016-01-20")
    world.build()
    found = world.ask("select outcome, unasked_columns from meta.returned_row order by row_number")
    assert found == [("unchanged", []), ("changed", ["employer"])]


def test_one_that_blocks_lets_a_publication_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [refer] = records()["competition_participation"].refers
    record = records()["competition_participation"].model_copy(
        update={"refers": (refer.model_copy(update={"broken": "block"}),)}
    )
    monkeypatch.setattr(build_module, "records", lambda: records() | {record.record: record})
    world = World(tmp_path)
    world.write("2015年劳动竞赛台账.csv", "安全竞赛,2015-03-01至2015-03-09,劳动竞赛", **COMPETITIONS)
    names = ("安全", "秋季", "冬季")
    lines = [f"{name}竞赛,2015-03-01至2015-03-09,甲公司,5" for name in names]
    world.send("2016-01-05", "2015年参赛单位明细.csv", *lines[:2], **PARTS)
    world.build()
    swap_in(world.paths.build_file(), world.paths.warehouse_file())
    assert stops_at_hand(world.paths) == [], "it was published like that"
    world.send("2016-01-06", "2015年参赛单位明细.csv", *lines, **PARTS)
    world.build()
    with pytest.raises(PublicationStopped, match=r"1 → 2 cells that name.*2015年参赛单位明细\.csv"):
        publish(world.paths)
    acknowledge(world.paths, stops_at_hand(world.paths), "王主任", "市级竞赛", datetime(2016, 1, 7))
    assert stops_at_hand(world.paths) == []


def test_a_condition_that_does_not_bind_is_refused_with_its_place() -> None:
    [refer] = records()["member"].refers
    record = records()["member"].model_copy(
        update={"refers": (refer.model_copy(update={"when": "nowhere"}),)}
    )
    with open_scratch() as con:
        create(con, records(), reference())
        with pytest.raises(ContractError, match=r"member.yml: refers union_name: .*nowhere"):
            bind_rules(con, {"member": record})
