"""A row shows of a person what at least five persons of its table share; nothing else of it is in the warehouse."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from flows.contract.catalogue import ROOT, records
from flows.database.connect import open_scratch, run_file
from flows.metrics.refresh import measure
from flows.warehouse.publish import publish
from tests.support.world import World

SQL = ROOT / "sql" / "meta" / "person_group.sql"
K = 5
Said = tuple[str | None, ...]
HEADER = "姓名,身份证号,性别,出生日期,困难类别,家庭人口,所属镇街,工作单位,家庭月人均收入,建档日期"
FEMALE_60S_QINGFENG, ALONE = 12, "孤例"


def shown(con: duckdb.DuckDBPyConnection, persons: Iterable[Said], root: str = "a") -> list[tuple[Said, int]]:
    """(what is written, how many of its columns are shown) of each person."""
    counts = Counter(persons)
    con.execute("create schema if not exists meta")
    con.execute(
        "create or replace table meta.person_group (part_id bigint, persons bigint, alone bigint, few bigint, alone_shown bigint, few_shown bigint)"
    )
    con.execute(
        "create or replace temporary table person_said (part_id bigint, root varchar[], said varchar[], persons bigint)"
    )
    for said, number in counts.items():
        con.execute(
            "insert into person_said values (1, [$root], $said, $n)",
            {"root": root, "said": list(said), "n": number},
        )
    run_file(con, SQL)
    found = con.execute("select said, persons, shown from person_shown").fetchall()
    assert sum(n for _, n, _ in found) == counts.total()
    return [(tuple(said), depth) for said, n, depth in found for _ in range(n)]


def groups(rows: Iterable[tuple[Said, int]]) -> Counter[Said]:
    """What rows show: everything behind the shown columns is NULL."""
    return Counter((*said[:depth], *[None] * (len(said) - depth)) for said, depth in rows)


@pytest.mark.parametrize("seed", range(12))
def test_every_group_that_is_shown_has_five_persons(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    persons = [
        (
            chance.choice(["1", "2", None]),
            chance.choice(["1950", "1960", "1970"]),
            chance.choice("abcdefg"[: 1 + seed % 7]),
        )
        for _ in range(chance.randint(1, 120))
    ]
    with open_scratch() as con:
        for number, size in groups(shown(con, persons)).items():
            assert size >= K or not any(number), (number, size)
        [(few, alone)] = con.execute(
            "select coalesce(few_shown, 0), coalesce(alone_shown, 0) from meta.person_group"
        ).fetchall()
        assert few == alone == 0
        assert con.execute("select few, alone from meta.person_group").fetchall() == [
            (_sum(persons, range(1, K)), _sum(persons, [1]))
        ]


def _sum(persons: list[Said], sizes: Iterable[int]) -> int | None:
    return sum(n for n in Counter(persons).values() if n in sizes) or None


def test_as_much_is_shown_as_five_persons_share() -> None:
    town = [("f", "1960", t) for t in "aaaaabbbbbbcc"]
    with open_scratch() as con:
        found = groups(shown(con, [*town, *[("m", "1970", "a")] * 3, ("m", "1950", "b"), ("m", "1950", "c")]))
    assert found == {
        ("f", "1960", "b"): 6,
        (
            "f",
            "1960",
            None,
        ): 7,  # two in c alone would be told apart, so that the smallest other town goes with them
        ("m", None, None): 5,
    }


def needy(number: int, sex: str, born: str, town: str, name: str = "样某") -> str:
    serial = f"510229{born.replace('-', '')}{number:02d}{1 if sex == '男' else 2}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(serial, weights, strict=True)) % 11]
    return (
        f"{name},{serial}{check},{sex},{born},低保户,3,{town},{ALONE}机械厂{number},{500 + number},2010-01-05"
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("groups"))
    rows = [needy(n, "女", f"19{60 + n % 10}-03-1{n % 9}", "青峰镇") for n in range(FEMALE_60S_QINGFENG)]
    rows += [needy(50 + n, "男", "1971-02-03", "吉安镇") for n in range(6)]
    rows += [needy(90, "女", "1987-11-07", "朱沱镇"), rows[0], rows[1].replace("青峰镇", "吉安镇")]
    world.send("2016-01-05", "2015年困难职工档案.csv", *rows, header=HEADER)
    world.send("2016-01-05", "2014年困难职工档案.csv", header=HEADER)  # a zero report: nobody in it
    world.build()
    measure(world.paths)
    publish(world.paths)
    return world


def test_who_stands_alone_is_counted_and_not_shown(world: World) -> None:
    rows = world.ask(
        "select sex, birth_decade, town is not null, count(*) from current.needy_worker group by all order by all"
    )
    assert rows == [
        ("1", 1970, True, 6),
        ("2", None, False, 13),
    ]  # the one of the 1980s hides the decade of twelve
    assert world.ask(
        "select value from metric.value where indicator_id = 'needy_on_file' and unit_code = 'yongchuan' and period_id = '2015'"
    ) == [(19,)]
    assert world.ask("select persons, few, few_shown from meta.person_group") == [(19, 1, None)]
    assert world.ask("from meta.issue where issue_code = 'reader_failed'") == []


def test_a_repeat_that_differs_in_what_is_not_shown_is_told_from_a_plain_one(world: World) -> None:
    issues = world.ask(
        "select issues from core.needy_worker where row_state = 'duplicate' order by row_number"
    )
    assert issues == [(["is_on_file:duplicate_row"],), (["is_on_file:key_conflict"],)]


def test_what_is_not_shown_is_in_no_byte_of_what_is_published(world: World) -> None:
    published = world.paths.warehouse_file().read_bytes()
    assert ALONE.encode() not in published
    columns = {
        name
        for (name,) in world.ask(
            "select column_name from duckdb_columns() where table_name = 'needy_worker' and schema_name = 'core'"
        )
    }
    assert not columns & {
        "birth_on",
        "birth_year",
        "employer",
        "marital_state",
        "family_annual_income_yuan",
        "work_start_from_on",
    }


def test_a_members_union_is_shown_where_five_share_it_and_asked_for_all_the_same(tmp_path: Path) -> None:
    """What figures count by, the sex, is there; the union, by which nothing counts, is asked of the lists as a keyed hash."""
    world, roll = World(tmp_path), "会员名册20151231.csv"
    header = {"header": "姓名,性别,所在工会,入会时间"}
    large = [f"样{n},{'女' if n < 6 else '男'},甲公司工会,2010-05" for n in range(12)]
    large += [f"例{n},{'女' if n < 7 else '男'},丙公司工会,2010-05" for n in range(14)]
    few = ["某甲,女,查无工会,2010-05", "某乙,男,查无工会,2010-05", "某丙,男,乙公司工会,2010-05"]
    unions = [f"{name}公司工会,{name}公司,单独基层工会,正常" for name in "甲乙丙"]
    world.write(roll, *large, *few, **header)
    world.write("截至2015年12月31日工会组织台账.csv", *unions, header="工会名称,单位名称,工会类型,状态")
    world.take_in("2016-01-05")
    world.build()
    measure(world.paths)
    shown = world.ask(
        "select union_name is not null, sex, count(*) from core.member group by all order by all"
    )
    assert shown == [(False, "1", 8), (False, "2", 7), (True, "1", 7), (True, "2", 7)]
    assert world.ask(
        "select row_number, column_name from meta.issue where issue_code = 'reference_broken'"
    ) == [(28, "union_name")]
    assert world.ask(
        "select distinct value from metric.value where indicator_id = 'women_members' and unit_code = 'yongchuan' and period_id = '2015'"
    ) == [(14,)]
    [(words, kind)] = world.ask("select count(distinct word), any_value(typeof(word)) from meta.named")
    assert (words, kind) == (4, "BLOB")


def test_only_what_a_figure_counts_by_is_kept_of_everybody() -> None:
    assert {r.record: r.counted for r in records().values() if r.counted} == {"member": ("sex",)}
    for record in records().values():
        assert not set(record.grouped) & set(record.key), record.record
        assert not record.grouped or "person_key" in {n for n, _, _ in record.stored_columns}
