"""Targets beside values: the latest in effect, exact rates, states kept apart, files that are refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.contract.indicator import indicators
from flows.contract.load import ROOT, ContractError
from flows.contract.reference import reference
from flows.store.assess import assess, create_open, read_groups, read_targets
from flows.store.metric import fill
from tests.store import stand

HEADER = "unit,indicator,target,document_no,effective_on\n"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    shared = stand.shared()
    shared.execute("begin")
    yield shared
    shared.execute("rollback")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with this project's SQL and an empty scheme of 2015."""
    for room in ("indicator", "assess", "open"):
        shutil.copytree(ROOT / "sql" / room, tmp_path / "sql" / room)
    folder = tmp_path / "data" / "scheme" / "2015"
    folder.mkdir(parents=True)
    (folder / "group.csv").write_text("unit,group_id\nyongchuan,district\ndazu,district\n", encoding="utf-8")
    return tmp_path


def targets(root: Path, *lines: str) -> Path:
    path = root / "data" / "scheme" / "2015" / "target.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def agreed(con: duckdb.DuckDBPyConnection, number: int) -> None:
    rows = [
        {"case_no": str(n), "accepted_on": "2015-02-01", "closed_on": "2015-03-01", "result": "agreed"}
        for n in range(number)
    ]
    stand.give(con, "mediation", rows)
    fill(con, {"mediation_succeeded": indicators()["mediation_succeeded"]})


def found(con: duckdb.DuckDBPyConnection, unit: str = "yongchuan") -> tuple[object, ...]:
    row = con.execute(
        "select target, actual, attainment, state, document_no from assess.attainment where unit_code = ?",
        [unit],
    ).fetchall()
    assert len(row) == 1
    return row[0]


def test_attainment_is_exact_rounded_half_up_and_not_capped(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    agreed(con, 5)
    targets(root, "yongchuan,mediation_succeeded,3,样例1号,2015-01-20")
    assert assess(con, 2015, root).rows == 1
    assert found(con) == (3, 5, Decimal("1.6667"), "value", "样例1号")


def test_the_latest_target_in_effect_counts(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    agreed(con, 2)
    lines = (
        "yongchuan,mediation_succeeded,4,样例9号,2015-07-01",
        "yongchuan,mediation_succeeded,2,样例1号,2015-01-20",
    )
    targets(root, *lines)
    assess(con, 2015, root)
    assert found(con)[:3] == (4, 2, Decimal("0.5"))


def test_a_build_as_of_a_day_knows_the_targets_of_that_day(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    agreed(con, 2)
    con.execute("insert into meta.run values (timestamp '2015-03-01 00:00:00', '', '', 0, null)")
    lines = (
        "yongchuan,mediation_succeeded,4,样例9号,2015-07-01",
        "yongchuan,mediation_succeeded,2,样例1号,2015-01-20",
    )
    targets(root, *lines)
    assess(con, 2015, root)
    assert found(con)[:3] == (2, 2, 1)


def test_no_report_is_not_an_attainment_of_zero(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    stand.part(con, "mediation", "yongchuan", "2015")
    agreed(con, 0)
    targets(root, *(f"{unit},mediation_succeeded,3,样例1号,2015-01-20" for unit in ("yongchuan", "dazu")))
    assess(con, 2015, root)
    assert found(con)[1:4] == (0, 0, "zero")
    assert found(con, "dazu")[1:4] == (None, None, "not_reported")


def test_assessing_again_replaces_the_year(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    agreed(con, 1)
    targets(root, "yongchuan,mediation_succeeded,3,样例1号,2015-01-20")
    assess(con, 2015, root)
    targets(root, "yongchuan,mediation_succeeded,2,样例1号,2015-01-20")
    assess(con, 2015, root)
    assert found(con)[0] == 2
    assert con.execute("select count(*) from ref.unit_group").fetchone() == (2,)


def test_the_views_with_chinese_names_say_the_same(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    agreed(con, 5)
    targets(root, "yongchuan,mediation_succeeded,3,样例1号,2015-01-20")
    assess(con, 2015, root)
    create_open(con, root)
    assert con.execute("select 分组, 指标, 完成率百分数, 状态 from open.完成情况").fetchall() == [
        ("district", "成功调解劳动争议案件", Decimal("166.67"), "有数")
    ]
    assert con.execute(
        "select 数值 from open.指标值 where 单位代码 = 'yongchuan' and 时期 = '2015'"
    ).fetchall() == [(5,)]
    assert con.execute(
        "select count(*) from open.指标明细 where 指标代码 = 'mediation_succeeded'"
    ).fetchone() == (5,)
    for view in ("问题清单", "指标提示", "报送情况"):
        con.execute(f"select * from open.{view}").fetchall()


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["yongchuan,no_such,3,样例1号,2015-01-20"], "no indicator no_such"),
        (["yongchuan,deduction_points,3,样例1号,2015-01-20"], "more is better"),
        (["yongchuan,mediation_succeeded,0,样例1号,2015-01-20"], "positive"),
        (["yongchuan,mediation_succeeded,NaN,样例1号,2015-01-20"], "positive"),
        (["yongchuan,mediation_succeeded,three,样例1号,2015-01-20"], "target.csv:2"),
        (["yongchuan,mediation_succeeded,3,,2015-01-20"], "document"),
        (["yongchuan,mediation_succeeded,3,样例1号,2015-13-20"], "target.csv:2"),
        (["yongchuan,mediation_succeeded,3,样例1号"], "5 cells"),
        (["yongchuan,mediation_succeeded,3,样例1号,2015-01-20"] * 2, "same target on the same day"),
        (["nowhere,mediation_succeeded,3,样例1号,2015-01-20"], "not assessed at the end of 2015: nowhere"),
        (
            ["dazu-county,mediation_succeeded,3,样例1号,2015-01-20"],
            "not assessed at the end of 2015: dazu-county",
        ),
    ],
)
def test_a_wrong_table_of_targets_is_refused_with_its_line(
    con: duckdb.DuckDBPyConnection, root: Path, lines: list[str], complaint: str
) -> None:
    targets(root, *lines)
    with pytest.raises(ContractError, match=complaint):
        assess(con, 2015, root)


def test_a_year_without_a_folder_is_refused(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    with pytest.raises(ContractError, match="copied from another"):
        assess(con, 2014, root)


def test_a_unit_is_in_one_group(root: Path) -> None:
    path = root / "data" / "scheme" / "2015" / "group.csv"
    path.write_text("unit,group_id\nyongchuan,a\nyongchuan,b\n", encoding="utf-8")
    with pytest.raises(ContractError, match="exactly one group"):
        read_groups(path)


def test_the_sample_of_2015_covers_forty_units_and_says_that_it_is_a_sample() -> None:
    folder = ROOT / "data" / "scheme" / "2015"
    found = read_targets(folder / "target.csv")
    assessed = {u.unit_code for u in reference().units if u.is_assessed and u.exists_on(date(2015, 12, 31))}
    assert {t.unit for t in found} == set(read_groups(folder / "group.csv")) == assessed
    assert len(assessed) == 40
    assert len({t.indicator for t in found}) >= 25
    assert all(t.document_no.startswith("样例") for t in found)
