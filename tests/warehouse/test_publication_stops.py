"""A publication waits for a person where a unit's rows fell by more than half: since the last one, or since the year before."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from flows import cli
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.database.seal import SEALED, seal
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.read import FileReading, ReaderKilled, read_file
from flows.warehouse.publication_stops import (
    PublicationStopped,
    acknowledge,
    screen,
    stops,
    stops_at_hand,
    unread,
)
from flows.warehouse.publish import publish, put_in_place, swap_in
from flows.warehouse.verify import warehouse_differences
from tests.support.inboxes import copied
from tests.support.world import World, case

FILE = "2015年调解台账.csv"
OFFICE = "重庆市总工会"
NOON = datetime(2016, 6, 1, 12)


def cases(number: int, year: int = 2015, month: int = 3, first: int = 1) -> list[str]:
    day = f"{year}-{month:02d}"
    return [case(n, f"{day}-01", f"{day}-20") for n in range(first, first + number)]


def listed(**units: int) -> list[str]:
    """Notices of deductions, which the office sends for all units."""
    return [
        f"{unit},2015,按时报送报表,0.1,报表迟报,样扣〔2015〕{n}号"
        for unit, number in units.items()
        for n in range(number)
    ]


NOTICES = {"sender": OFFICE, "header": "单位,考核年度,考核项目,扣分,扣分原因,通知文号"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 cases of 2014 and of 2015, received after each year, and notices about two units: published."""
    world = World(tmp_path_factory.mktemp("published"))
    world.send("2015-01-05", "2014年调解台账.csv", *cases(40, 2014))
    world.send("2016-01-05", FILE, *cases(40))
    world.send("2016-01-05", "2015年扣分通知.csv", *listed(永川区=30, 大足区=30), **NOTICES)
    world.build()
    show(world)
    return world.paths.data


@pytest.fixture
def world(published: Path, tmp_path: Path) -> World:
    return World(Path(shutil.copytree(published, tmp_path / "data")))


def found(world: World) -> list[tuple[str, str, int, int]]:
    world.build()
    return [(s.against, s.unit_code, s.rows_before, s.rows_now) for s in stops_at_hand(world.paths)]


def show(world: World) -> None:
    swap_in(world.paths.build_file(), world.paths.warehouse_file())


def test_a_correction_with_fewer_than_half_of_the_rows_keeps_the_edition(world: World) -> None:
    before = world.paths.warehouse_file().read_bytes()
    world.send("2016-02-05", FILE, *cases(19))
    assert found(world) == [("publication", "yongchuan", 40, 19)]
    with pytest.raises(PublicationStopped) as stopped:
        publish(world.paths)
    assert world.paths.warehouse_file().read_bytes() == before
    told = str(stopped.value).splitlines()
    assert len(told) <= 24
    assert told[1] == (
        "  永川区 劳动争议调解台账 2015-01-01—2015-12-31: 40 rows last published, now 19; "
        f"第4号报送 {FILE}, was 第2号报送 {FILE}"
    )
    assert "union-assessment acknowledge --by" in told[2] and "union-assessment withdraw" in told[3]


def test_half_of_the_rows_and_a_small_table_stop_nothing(world: World) -> None:
    world.send("2016-02-05", FILE, *cases(19), sender="江津区总工会")
    world.build()
    show(world)
    world.send("2016-02-07", FILE, *cases(1), sender="江津区总工会")
    world.send("2016-02-07", FILE, *cases(20))
    assert found(world) == [], "19 rows are fewer than the 20 that are held against anything"


def test_what_rises_comes_new_or_is_the_first_stops_nothing(world: World) -> None:
    world.send("2016-02-05", FILE, *cases(90))
    world.send("2016-02-05", FILE, *cases(30), sender="江津区总工会")
    assert found(world) == []
    world.send("2016-02-06", FILE, *cases(1))
    assert found(world)
    told = screen(stops_at_hand(world.paths) * 40)
    assert len(told) <= 24 and "25 more" in told[-3], "one screen"
    world.paths.warehouse_file().unlink()
    assert found(world) == []


def test_an_acknowledgement_holds_for_the_same_fall_and_no_other(world: World) -> None:
    world.send("2016-02-05", FILE, *cases(10))
    world.build()
    acknowledge(world.paths, stops_at_hand(world.paths), "王主任", "上年重复计入", NOON)
    [event] = [e for e in Vault(world.paths.vault).events() if e["event"] == "acknowledgement"]
    assert (event["by"], event["reason"]) == ("王主任", "上年重复计入")
    assert stops_at_hand(world.paths) == []
    world.send("2016-02-06", FILE, *cases(9))
    assert found(world) == [("publication", "yongchuan", 40, 9)], "it fell further"
    world.send("2016-02-08", FILE, *cases(40))
    world.build()
    show(world)
    world.send("2016-02-09", FILE, *cases(10))
    assert found(world) == [("publication", "yongchuan", 40, 10)], "it fell again, from another edition"


def read_but(name: str) -> Callable[..., FileReading]:
    """The reader, on a machine that kills it over one file."""

    def read(path: Path, given: str, *more: Any, **options: Any) -> FileReading:
        if given == name:
            raise ReaderKilled(errno.ENOMEM, "the reader process was killed")
        return read_file(path, given, *more, **options)

    return read


def test_a_file_whose_reader_is_always_killed_lets_the_others_in_and_publication_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, new = World(tmp_path / "data"), "2016年调解台账.csv"
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(world.paths.data))
    monkeypatch.setattr("flows.normalise.load.read_file", read_but(new))
    world.send("2017-01-05", new, *cases(3, 2016))
    world.send("2017-01-06", "2016年1月调解台账.csv", *cases(5, 2016), sender="大足区总工会")
    built = world.build()
    assert (built.unread, built.deliveries) == ((1,), 1), "the other one is there"
    assert world.ask("from meta.issue where delivery_id = 1") == []
    later = datetime(2017, 2, 1)
    build(world.paths, later)
    for as_of in (None, later):
        with pytest.raises(PublicationStopped, match=f"永川区 收到 / received 2017-01-05.*第1号报送 {new}"):
            publish(world.paths, as_of)
    acknowledge(world.paths, stops_at_hand(world.paths), "王主任", "已请单位另报", NOON)
    measure(world.paths)
    publish(world.paths)
    assert [line.count(new) for line in unread(world.paths)] == [1]
    for command in ("status", "doctor"):
        assert "the system kills its reader" in CliRunner().invoke(cli.app, [command]).stdout
    assert stops_at_hand(world.paths) == [], "known to whoever let it be published"
    monkeypatch.setattr("flows.normalise.load.read_file", read_but("2016年2月调解台账.csv"))
    world.send("2017-01-09", "2016年2月调解台账.csv", *cases(5, 2016, first=90), sender="大足区总工会")
    assert world.build().unread == (3,), "the first one is read by now"
    assert [(s.against, s.record) for s in stops_at_hand(world.paths)] == [("unread", "3")]
    world.vault.withdraw(3, "读不成", NOON.replace(year=2017))
    assert world.build().unread == () and stops_at_hand(world.paths) == []


def test_a_reader_killed_beside_others_is_asked_once_more_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, met = "2016年调解台账.csv", []

    def once(path: Path, given: str, *more: Any, **options: Any) -> FileReading:
        met.append(given)
        return (read_but(name) if met == [name] else read_file)(path, given, *more, **options)

    world.send("2017-01-05", name, *cases(3, 2016))
    monkeypatch.setattr("flows.normalise.load.read_file", once)
    assert world.build().unread == () and met == [name, name]


def test_a_withdrawal_was_asked_about_and_a_smaller_file_in_its_place_was_not(world: World) -> None:
    world.vault.withdraw(2, "误报", NOON)
    assert found(world) == []
    world.send("2016-06-02", FILE, *cases(5))
    assert found(world) == [("publication", "yongchuan", 40, 5)]


def test_rows_that_move_from_months_to_the_year_stop_nothing(world: World) -> None:
    for month in (1, 2):
        file = f"2015年{month}月调解台账.csv"
        world.send("2016-02-05", file, *cases(30, month=month, first=100 * month), sender="江津区总工会")
    world.build()
    show(world)
    both = [line for month in (1, 2) for line in cases(30, month=month, first=100 * month)]
    world.send("2016-02-06", FILE, *both, sender="江津区总工会")
    assert found(world) == []


def test_a_unit_that_a_list_of_all_units_leaves_out_is_missed(world: World) -> None:
    world.send("2016-02-05", "2015年扣分通知钱塘柳.csv", *listed(永川区=60), **NOTICES)
    assert found(world) == [("publication", "dazu", 30, 0)]
    assert "钱塘柳" not in screen(stops_at_hand(world.paths))[1], "Prefect keeps why a run failed"


def test_a_complete_report_is_held_against_the_year_before_once(world: World) -> None:
    world.send("2016-02-05", "2016年调解台账.csv", *cases(3, 2016))
    assert found(world) == [], "the year is not over"
    show(world)
    world.send("2017-01-05", "2016年调解台账.csv", *cases(12, 2016))
    assert found(world) == [("year", "yongchuan", 40, 12)]
    [stop] = stops_at_hand(world.paths)
    assert "40 rows a year before, now 12" in str(stop)
    show(world)
    assert found(world) == [], "it was published"
    world.send("2017-01-06", "2016年调解台账.csv", *cases(11, 2016))
    assert found(world) == [("year", "yongchuan", 40, 11)]


def test_only_the_same_days_of_a_year_are_held_against_it(world: World) -> None:
    for year, number in ((2015, 30), (2016, 3)):
        file = f"{year}年2月调解台账.csv"  # the end of February is one
        world.send(f"2016-03-0{year - 2014}", file, *cases(number, year, 2), sender="江津区总工会")
    world.send("2016-07-05", "2016年第一季度调解台账.csv", *cases(3, 2016))
    assert found(world) == [("year", "jiangjin", 30, 3)]


def test_a_kind_has_a_limit_of_its_own(world: World) -> None:
    world.send("2016-02-05", FILE, *cases(19))
    world.build()
    with open_build(world.paths) as con:
        con.execute("delete from ref.fall_limit where against = 'year'")
        con.execute("insert into ref.fall_limit values ('mediation', 'publication', 0.6, 1)")
        assert stops(con, world.paths) == []
        con.execute("update ref.fall_limit set fall_share = 0.1 where record = 'mediation'")
        assert len(stops(con, world.paths)) == 1
        con.execute("delete from ref.fall_limit where record is null")
        con.execute("update ref.fall_limit set record = 'legal_aid'")
        assert stops(con, world.paths) == []


def test_an_edition_of_older_code_is_no_past(world: World) -> None:
    world.send("2016-02-05", FILE, *cases(1))
    file = world.paths.warehouse_file()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute("alter table meta.run drop column ledger_head")
    assert found(world) == []
    file.write_bytes(b"no database")
    assert found(world) == []


def test_status_doctor_and_acknowledge_say_it(
    filled: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here other code reads fewer rows of the same deliveries; the build is then not called altered."""
    paths = copied(filled, tmp_path)
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path))
    call = CliRunner().invoke
    assert call(cli.app, ["acknowledge"]).exit_code == 0
    put_in_place(paths, paths.build_file())
    with open_build(paths) as con:
        con.execute("update ref.fall_limit set least_rows = 1")
        con.execute("update core.mediation set row_state = 'rejected' where not starts_with(unit_code, 'qi')")
        con.execute("update core.student_aid set row_state = 'rejected'")
        con.execute(
            "update core.student_aid set unit_code = 'dazu', row_state = 'accepted' where row_number = 2"
        )
        seal(con, *SEALED)
        con.execute("update meta.run set is_published = false")
    found = stops_at_hand(paths)
    assert warehouse_differences(paths) == []
    for command in ("status", "doctor"):
        assert screen(found)[1] in call(cli.app, [command]).stdout
    listed_only = call(cli.app, ["acknowledge"])
    assert listed_only.exit_code == 1 and str(found[-1]) in listed_only.stdout
    named = ["acknowledge", "--by", "王主任", "--reason", "已核实"]
    assert call(cli.app, named[:3]).exit_code == 2, "a name needs a reason"
    assert call(cli.app, named).exit_code == 2, "no terminal to ask on"
    assert call(cli.app, [*named[:4], " ", "--yes"]).exit_code == 1, "no reason"
    assert stops_at_hand(paths) == found
    assert call(cli.app, [*named, "--unit", "永川", "--yes"]).exit_code == 0
    assert {s.unit_code for s in stops_at_hand(paths)} == {s.unit_code for s in found} - {"yongchuan"}
    assert call(cli.app, [*named, "--yes"]).exit_code == 0
    assert screen(stops_at_hand(paths)) == []
