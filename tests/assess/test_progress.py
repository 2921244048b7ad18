"""Progress on a day: figures end with the day, past years give the pace, decisions about the whole year stay out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from flows.assess.progress import ItemProgress, Progress, ask_progress, keep_progress, progress
from flows.contract.catalogue import ContractError
from flows.contract.indicator import indicators
from flows.database.connect import NoWarehouse
from flows.metrics.values import fill
from flows.warehouse.publish import publish
from flows.warehouse.query import run_sql
from tests.support import stand
from tests.support.scheme import assessed, write_scheme
from tests.support.world import World, case

JUNE = date(2015, 6, 30)
ITEMS = """
items:
  - {id: mediation, label: 成功调解, points: 60, indicator: mediation_succeeded, rule: {linear: {}}}
  - {id: pass_rate, label: 调解成功率, points: 30, indicator: mediation_success_rate, rule: {linear: {}}}
  - {id: growth, label: 调解增长, points: 10, indicator: mediation_succeeded, rule: {linear: {of: growth}}}
"""
TARGETS = ("mediation_succeeded,10,1号,2015-01-20", "mediation_success_rate,0.8,1号,2015-01-20")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    shared = stand.shared()
    shared.execute("begin")
    yield shared
    shared.execute("rollback")


def scheme(root: Path, *later: str) -> Path:
    """A scheme with the same targets for all units, and later ones."""
    units = [u.unit_code for u in assessed()]
    targets = [f"{unit},{target}" for unit in units for target in TARGETS]
    return write_scheme(root, ITEMS, groups=dict.fromkeys(units, "district"), targets=(*targets, *later))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return scheme(tmp_path)


def closed(
    con: duckdb.DuckDBPyConnection, unit: str, year: int, spring: int, autumn: int, failed: int = 0
) -> None:
    """Mediations of a year: agreed by 1 March, agreed by 1 October, and failed by 1 March; the whole year is reported."""
    days = [f"{year}-03-01"] * spring + [f"{year}-10-01"] * autumn + [f"{year}-03-01"] * failed
    stand.give(
        con,
        "mediation",
        [
            {
                "case_no": str(n),
                "accepted_on": f"{year}-01-05",
                "closed_on": day,
                "covers": str(year),
                "unit_code": unit,
                "result": "failed" if n >= spring + autumn else "agreed",
            }
            for n, day in enumerate(days)
        ],
    )


def arrived(con: duckdb.DuckDBPyConnection, record: str, day: date) -> None:
    """As if all lists of a kind had come on a day."""
    con.execute(
        "update meta.delivery set received_at = $2 where delivery_id in (select delivery_id from meta.part where record = $1)",
        [record, day],
    )


def seen(con: duckdb.DuckDBPyConnection, root: Path, day: date = JUNE) -> dict[tuple[str, str], ItemProgress]:
    named = ("mediation_succeeded", "mediation_success_rate")
    fill(con, {name: indicators()[name] for name in named})
    return {(s.unit, s.item): s for s in progress(con, day, root).entries}


def test_what_adds_up_is_held_against_the_pace_of_all_units_in_past_years(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    closed(con, "yongchuan", 2013, 1, 1)
    closed(con, "yongchuan", 2014, 2, 6)
    closed(con, "dazu", 2014, 3, 2)  # 6 of 15 by the end of June
    closed(con, "yongchuan", 2015, 4, 9)
    closed(con, "dazu", 2015, 3, 9)
    found = seen(con, root)
    own, other = found["yongchuan", "mediation"], found["dazu", "mediation"]
    assert own.pace is not None
    assert (own.pace, own.pace_basis, own.expected) == (Fraction(6, 15), "past", 4)
    assert (own.actual, own.light, own.points) == (4, "green", 24)
    assert (other.actual, other.light, other.points) == (3, "red", 18)
    # on the last day everything is there and the pace is the target
    last = seen(con, root, date(2015, 12, 31))["dazu", "mediation"]
    assert (last.actual, last.expected, last.light, last.points) == (12, 10, "green", 60)


def test_without_a_past_the_days_of_the_year_are_the_pace(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    closed(con, "yongchuan", 2015, 4, 0)
    at = seen(con, root)["yongchuan", "mediation"]
    assert at.pace is not None
    assert (at.pace, at.pace_basis, at.light) == (Fraction(181, 365), "elapsed", "yellow")


def test_a_rate_is_held_against_its_target_on_every_day(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    closed(con, "yongchuan", 2014, 1, 9)
    closed(con, "yongchuan", 2015, 7, 50, failed=3)
    at = seen(con, root)["yongchuan", "pass_rate"]
    assert at.pace is not None
    assert (at.actual, at.expected, at.pace_basis) == (Fraction(7, 10), Fraction("0.8"), "target")
    assert at.light == "yellow"


def test_growth_compares_the_same_days_of_both_years(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    closed(con, "yongchuan", 2014, 4, 100)
    closed(con, "yongchuan", 2015, 6, 0)
    assert seen(con, root)["yongchuan", "growth"].points == 5


def test_who_has_not_reported_has_no_light_and_says_why(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    closed(con, "yongchuan", 2015, 4, 0)
    at = seen(con, root)["dazu", "mediation"]
    assert (at.actual, at.light, at.state, at.points) == (None, None, "not_reported", 0)
    assert at.expected is not None


def test_decisions_about_the_whole_year_stay_out_and_earlier_spot_checks_count(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    closed(con, "yongchuan", 2015, 4, 6)
    about = {"unit_code": "yongchuan", "year": 2015, "indicator": "mediation_succeeded", "document_no": "1号"}
    stand.give(
        con, "verified_figure", [{**about, "reported": 10, "verified": 9, "verified_on": "2016-01-20"}]
    )
    checks = [
        {**about, "reduction": 1, "checked_on": day, "reason": "重复"} for day in ("2015-06-30", "2015-07-01")
    ]
    stand.give(con, "spot_check", checks)
    assert seen(con, root)["yongchuan", "mediation"].actual == 4, "the list of checks came in January"
    arrived(con, "spot_check", JUNE)
    assert seen(con, root)["yongchuan", "mediation"].actual == 3


def test_what_raters_gave_at_the_end_of_the_year_is_not_known_in_june(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rating = "- {id: rating, label: 综合评价, points: 10, rule: {linear: {of: {scores: leader}}}}\n"
    units = [u.unit_code for u in assessed()]
    root = write_scheme(tmp_path, f"items:\n  {rating}", groups=dict.fromkeys(units, "district"))
    scores = {"year": 2015, "item": "rating", "rater_group": "leader", "rater_key": "k", "points": 9}
    stand.give(con, "rater_score", [scores | {"full_points": 10}])
    stand.give(
        con, "past_result", [{"year": 2014, "grade": "special", "total_points": 99.5, "covers": "2014"}]
    )
    assert ("yongchuan", "rating") not in seen(con, root)
    arrived(con, "rater_score", JUNE)
    assert seen(con, root)["yongchuan", "rating"].points == 9


def test_a_target_counts_from_its_day(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    later = "yongchuan,mediation_succeeded,30,2号,2015-07-01"
    root = scheme(tmp_path, later)
    closed(con, "yongchuan", 2015, 4, 6)
    assert seen(con, root)["yongchuan", "mediation"].target == 10
    assert seen(con, root, date(2015, 7, 1))["yongchuan", "mediation"].target == 30
    assert ("yongchuan", "mediation") not in seen(con, root, date(2015, 1, 19)), "no target and no points yet"


def test_a_year_without_a_scheme_is_said(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    with pytest.raises(ContractError, match=r"2016/scheme\.yml: no such file"):
        progress(con, date(2016, 6, 30), root)


def test_a_missing_warehouse_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse, match="run --year YEAR"):
        ask_progress(tmp_path / "none.duckdb", JUNE)


def test_the_progress_of_days_is_kept_and_published(tmp_path: Path) -> None:
    from flows.assess.score_years import create_open, score_years
    from flows.database.connect import open_build
    from flows.metrics.refresh import measure

    world = World(tmp_path / "data")
    world.send("2015-07-05", "2015年1-6月调解台账.csv", case(1), case(2), case(3, result="调解不成"))
    world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        root = scheme(tmp_path)
        score_years(con, 2015, root)
        create_open(con)
    for day in (date(2015, 3, 31), JUNE, JUNE):
        lights = keep_progress(world.paths, day, root)
    assert lights is not None
    assert lights.by_unit["yongchuan"] == {"green": 0, "yellow": 1, "red": 2, "none": 0}
    assert lights.by_unit["dazu"] == {"green": 0, "yellow": 0, "red": 0, "none": 3}
    assert lights.total == {"green": 0, "yellow": 1, "red": 2, "none": 39 * 3}
    assert keep_progress(world.paths, date(2016, 6, 30), root) is None
    publish(world.paths)
    rows = run_sql(
        world.paths.warehouse_file(),
        "select cast(截至日期 as varchar) as 日, 项目, 灯号, 实绩, 应达进度百分数, 进度依据, cast(资料截至 as varchar) as 资料 "
        "from open.进度 where 单位代码 = 'yongchuan' and 项目代码 <> 'growth' order by all",
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        ("2015-03-31", "成功调解", "黄", Decimal("2.0"), Decimal("24.66"), "按天数", "2015-07-05"),
        ("2015-03-31", "调解成功率", "黄", Decimal("0.666667"), Decimal("100.0"), "全年目标", "2015-07-05"),
        ("2015-06-30", "成功调解", "红", Decimal("2.0"), Decimal("49.59"), "按天数", "2015-07-05"),
        ("2015-06-30", "调解成功率", "黄", Decimal("0.666667"), Decimal("100.0"), "全年目标", "2015-07-05"),
    ]
    asked = ask_progress(world.paths.warehouse_file(), JUNE, root)
    assert isinstance(asked, Progress)
    assert asked.known_on == date(2015, 7, 5)
