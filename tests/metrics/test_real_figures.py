"""Real public figures through the same intake: an office reports on provinces; three layouts, three encodings.

`tests/case/real/figures.csv` holds facts of the statistics yearbooks: unions, staff and members of 28
provinces at the end of 2000 (as printed, with 四川's members short of two digits), members of 31 provinces
in 2008, and employment in urban units 2008–2013 (万人). The layouts are our own.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from flows.metrics.refresh import measure
from tests.support.world import World, case

FIGURES = Path(__file__).parents[1] / "case" / "real" / "figures.csv"
OFFICE = "全国总工会"
#: Left out of the file that is written: one empty cell among years that everybody else has.
GAP = ("西藏自治区", 2011, "urban_employed_wan")


def figures() -> dict[tuple[str, int, str], str]:
    with FIGURES.open(encoding="utf-8", newline="") as stream:
        return {(r["region"], int(r["year"]), r["measure"]): r["value"] for r in csv.DictReader(stream)}


def regions(year: int, measure_name: str) -> list[str]:
    return [region for region, y, m in figures() if (y, m) == (year, measure_name)]


def spaced(name: str) -> str:
    return f"{name[0]}  {name[1]}" if len(name) == 2 else name


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world, known = World(tmp_path_factory.mktemp("real")), figures()
    columns = ("unions", "staff_people", "women_staff_people", "members_people")
    statistics = [
        "全国基层工会、职工和会员统计（2000年）,,,,",
        "单位：个、人,,,,",
        "地  区,基层工会数,职工人数,其中：女职工,会员人数",
    ]
    statistics += [
        ",".join([spaced(r), *(known[r, 2000, c] for c in columns)]) for r in regions(2000, "unions")
    ]
    statistics += ["注：西部若干省份的数字未列。,,,,"]
    members = [
        "地区,工会会员人数(人)",
        *(f"{r},{known[r, 2008, 'members_people']}" for r in regions(2008, "members_people")),
    ]
    years = range(2013, 2005, -1)
    employment = [
        "数据库：分省年度数据",
        "指标：城镇单位就业人员(万人)",
        "时间：最近8年",
        "地区," + ",".join(f"{y}年" for y in years),
    ]
    del known[GAP]
    for region in regions(2008, "urban_employed_wan"):
        employment.append(
            ",".join([region, *(known.get((region, y, "urban_employed_wan"), "") for y in years)])
        )
    employment += ["注：1.城镇单位数据不含私营单位。", "数据来源：统计部门"]
    for name, lines, encoding, newline in (
        ("基层工会统计.csv", statistics, "gb18030", "\r\n"),
        ("2008年工会会员.csv", members, "utf-8-sig", "\n"),
        ("分省年度数据.csv", employment, "gbk", "\r\n"),
    ):
        path = world.paths.inbox / OFFICE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((newline.join(lines) + newline).encode(encoding))
    world.take_in("2014-03-01")
    world.build()
    measure(world.paths)
    return world


def test_every_region_arrives_with_its_values(world: World) -> None:
    assert world.ask("select stat_year, count(*) from core.union_statistics group by 1 order by 1") == [
        (2000, 28),
        (2008, 31),
    ]
    rows = world.ask("select stat_year, count(*) from current.employment_statistics group by 1 order by 1")
    assert rows == [(year, 30 if year == GAP[1] else 31) for year in range(2008, 2014)]
    found = {
        (unit, year): (unions, staff, members)
        for unit, year, unions, staff, members in world.ask(
            "select unit_code, stat_year, unions, staff_people, members_people from core.union_statistics"
        )
    }
    assert found["cn-chongqing", 2000] == (12566, 1887058, 1752854)
    assert found["cn-chongqing", 2008] == (None, None, 4238907)
    assert found["cn-xizang", 2008] == (None, None, 189448)
    expected = {
        int(value) for (_, year, m), value in figures().items() if (year, m) == (2000, "staff_people")
    }
    assert {staff for (_, year), (_, staff, _) in found.items() if year == 2000} == expected


def test_a_missing_year_is_not_reported_rather_than_zero(world: World) -> None:
    assert world.ask("select count(*) from core.employment_statistics where stat_year < 2008") == [(0,)]
    asked = "select state, value from metric.value where indicator_id = 'urban_employed' and period_id = '{}' and unit_code = 'cn-xizang'"
    assert world.ask(asked.format(2007)) == []  # no region has a figure of 2007: nobody owed one
    assert world.ask(asked.format(GAP[1])) == [("not_reported", None)]
    state, value = world.ask(asked.format(2008))[0]
    assert state == "value" and value == Decimal(203000)


def test_lost_digits_are_flagged_and_not_published(world: World) -> None:
    assert world.ask("select unit_code, issues from core.union_statistics where row_state = 'rejected'") == [
        ("cn-sichuan", ["members_people:members_digits_lost"])
    ]
    rate = "select state, value from metric.value where indicator_id = 'statistics_membership_rate' and period_id = '2000' and unit_code = '{}'"
    assert world.ask(rate.format("cn-sichuan")) == [("rejected", None)]
    state, value = world.ask(rate.format("cn-chongqing"))[0]
    assert state == "value" and Decimal(str(value)).quantize(Decimal("0.0001")) == Decimal("0.9289")


def test_ranking_of_2008_and_the_rate_above_one(world: World) -> None:
    ranked = world.ask(
        "select unit_code, value from metric.value where indicator_id = 'members_per_urban_employee' "
        "and period_id = '2008' and category is null and state = 'value' and unit_code like 'cn-%' order by value desc"
    )
    known, codes = figures(), dict(world.ask("select name, unit_code from ref.unit where kind = 'province'"))
    full = {name: next(n for n in codes if n.startswith(name)) for name in regions(2008, "members_people")}
    expected = {
        codes[full[r]]: Decimal(known[r, 2008, "members_people"])
        / (Decimal(known[full[r], 2008, "urban_employed_wan"]) * 10000)
        for r in full
    }
    assert [unit for unit, _ in ranked] == sorted(expected, key=lambda u: -expected[u]) and len(ranked) == 31
    values = {str(unit): Decimal(str(value)) for unit, value in ranked}
    assert all(abs(values[u] - expected[u]) <= Decimal("0.0000005") for u in expected)
    assert values["cn-chongqing"].quantize(Decimal("0.01")) == Decimal("1.75")
    flags = world.ask(
        "select unit_code, message from metric.flag where indicator_id = 'members_per_urban_employee' and period_id = '2008'"
    )
    assert {unit for unit, _ in flags if str(unit).startswith("cn-")} == {
        u for u, v in expected.items() if v > 1
    }
    assert all("城镇单位" in str(message) for _, message in flags)


def test_a_later_file_gives_every_indicator_the_periods_that_it_opens(tmp_path: Path) -> None:
    """A figure that nobody reported has a row in each period that anything is about, also of kinds that did not change."""
    world = World(tmp_path)
    world.send("2015-02-05", "2014年调解台账.csv", case(1, "2014-03-01", "2014-03-20"))
    world.build()
    measure(world.paths)
    world.write("2015年金秋助学台账.csv", "子,2015,2015-08-20", header="学生姓名,资助年度,发放日期")
    world.take_in("2016-02-06")
    world.build()
    measure(world.paths)
    values = "from metric.value order by all"
    step_by_step = world.ask(values)
    world.paths.build_file().unlink()
    world.build()
    measure(world.paths)
    assert world.ask(values) == step_by_step
