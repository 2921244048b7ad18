"""Planted identifiers: none of them is in any byte outside the vault and the returned files."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from flows.metrics.refresh import measure
from flows.returns.write_returns import write_returns
from flows.warehouse.publish import publish
from tests.support.world import HEADER, World, case

#: Made up. Each is planted by one route, which its name says.
CANARY = {
    "file": "钱塘柳",
    "folder": "孟冬梅",
    "archive": "褚遂良",
    "member": "卫子夫",
    "sheet": "蒋干盗",
    "claimant": "沈括梦",
    "header": "13800138001",
    "number": "13900139002",
    "account": "6222021234567890123",
    "address": "凤凰湖路九十九号三单元",
    "reason": "韩信来电",
    "latin": "zhugeliang",
    "long": "50038119850101123X",
}
UNIT = "永川区总工会"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("canary"))
    c = CANARY
    world.write(
        f"{c['folder']}/2015年调解台账{c['file']}{c['number']}.csv", case(1), case(1, person=c["account"])
    )
    world.write(f"2015年{c['latin']}{c['long']}.xlsx", "no workbook")
    lines = f"永仲7号,2015-03-01,{c['claimant']},{c['account']},{c['address']},{c['claimant']},约{c['number']},{c['number']}"
    world.write("2015年调解.csv", lines, header=HEADER.replace("调解结果", f"调解结果{c['header']}"))
    book = openpyxl.Workbook()
    book.active.title = f"{c['sheet']}{c['number']}"
    for row in (
        "2015年劳动争议调解台账",
        HEADER,
        case(3),
        case(4, person=c["account"], result=c["claimant"]),
    ):
        book.active.append(row.split(","))
    folder = world.paths.inbox / UNIT
    book.save(folder / "2015年调解二.xlsx")
    with zipfile.ZipFile(folder / f"{c['archive']}.zip", "w") as archive:
        archive.writestr(f"2015年调解{c['member']}.csv", f"{HEADER}\n{case(5)}\n")
    world.take_in("2016-01-05")
    world.vault.withdraw(1, f"{c['reason']}，误报", datetime(2016, 1, 6))
    world.build()
    measure(world.paths)
    publish(world.paths)
    write_returns(world.paths)
    return world


def outside(folder: Path) -> bytes:
    closed = (folder / "vault", folder / "returns", folder / "inbox")
    files = [p for p in folder.rglob("*") if p.is_file() and not any(c in p.parents for c in closed)]
    assert any(p.name == "warehouse.duckdb" for p in files)
    return b"\0".join(p.read_bytes() + str(p).encode() for p in files)


@pytest.mark.parametrize("route", CANARY)
def test_no_planted_identifier_is_outside_the_vault(world: World, route: str) -> None:
    text, found = CANARY[route], outside(world.paths.data)
    for written in (text, json.dumps(text)[1:-1]):
        assert written.encode() not in found
    assert text.encode("utf-16-le") not in found


def test_a_mark_stands_in_their_place_and_the_known_words_stay(world: World) -> None:
    names = [str(name) for (name,) in world.ask("select name from meta.delivery order by name")]
    assert "2015年调解.csv" in names and "2015年调解二.xlsx" in names
    assert len(set(names)) == len(names) == 5
    [(sheet, reason)] = world.ask(
        "select (select max(sheet) from meta.part), max(withdrawn_reason) from meta.delivery"
    )
    assert str(sheet).startswith("□") and str(reason).endswith("误报")


def test_the_district_sees_its_own_names(world: World) -> None:
    returned = [p for p in world.paths.returns.rglob("*.xlsx") if "调解二" in p.name]
    assert len(returned) == 1
    book = openpyxl.load_workbook(returned[0])
    own = f"{CANARY['sheet']}{CANARY['number']}"
    assert own in book.sheetnames
    assert any("问题与处理" in str(cell.value) for row in book[own].iter_rows() for cell in row)


def test_what_the_vault_keeps_is_searched_for_in_earnest(world: World) -> None:
    kept = b"".join(p.read_bytes() for p in world.paths.vault.rglob("*") if p.is_file())
    assert CANARY["file"].encode() in kept and CANARY["reason"].encode() in kept
