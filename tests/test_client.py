"""The warehouse from a notebook: frames hold what the warehouse holds, to the last digit, and refusals are sentences."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from flows import client
from flows.assess.score_years import score_year
from flows.client import Unanswered
from flows.database.connect import NoWarehouse
from tests.support import stand
from tests.support.scheme import measured_year


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    con, root = measured_year(folder, target=7)
    score_year(con, 2015, root)
    con.execute("update assess.result set total_points = 0.100001 + 1000000000 where unit_code = 'dazu'")
    file = folder / "warehouse.duckdb"
    stand.publish(con, file)
    return file


def _told(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(sql).fetchall()


def _read(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    plain = frame[list(columns)].astype(object)
    return list(plain.where(plain.notna(), None).itertuples(index=False, name=None))


def test_results_are_exact_decimals(warehouse: Path) -> None:
    frame = client.result(2015, warehouse=warehouse)
    told = _told(
        warehouse, "select unit_code, total_points, grade from assess.result order by overall_rank, unit_code"
    )
    assert _read(frame, "unit_code", "total_points", "grade") == told
    assert len(frame) == 40 and frame.dtypes["total_points"] == pd.ArrowDtype(pa.decimal128(18, 6))
    assert frame["total_points"].sum() == sum((row[1] for row in told), Decimal(0))
    assert Decimal("1000000000.100001") in set(frame["total_points"])


@pytest.mark.parametrize("unit", ["永川区总工会", "永川区", "yongchuan"])
def test_items_of_a_unit_by_any_of_its_names(warehouse: Path, unit: str) -> None:
    frame = client.items(unit, 2015, warehouse=warehouse)
    assert _read(frame, "item_id", "label", "points", "target") == _told(
        warehouse,
        "select item_id, label, points, s.target from assess.item_score as s join ref.item using (year, item_id) "
        "where unit_code = 'yongchuan' order by position",
    )
    assert frame["actual"].dropna().iloc[0] == Decimal(2)


def test_rows_behind_a_number_lie_within_the_days(warehouse: Path) -> None:
    whole = client.contributions("mediation_succeeded", "永川区", warehouse=warehouse)
    assert _read(whole, "event_date", "numerator", "row_number") == [
        (date(2015, 3, 1), Decimal(1), 2),
        (date(2015, 3, 1), Decimal(1), 3),
    ]
    assert (
        whole["numerator"].sum()
        == client.items("永川区", 2015, warehouse=warehouse)["actual"].dropna().iloc[0]
    )
    within = client.contributions(
        "mediation_succeeded", None, "2015-03-01", date(2015, 3, 1), warehouse=warehouse
    )
    assert len(within) == 2
    assert client.contributions("mediation_succeeded", None, "2015-03-02", warehouse=warehouse).empty
    assert client.contributions("mediation_succeeded", None, None, "2015-02-28", warehouse=warehouse).empty


def test_any_span_of_days(warehouse: Path) -> None:
    frame = client.between("2015-02-11", "2015-03-05", warehouse=warehouse)
    one = frame[(frame["indicator_id"] == "mediation_succeeded") & (frame["unit_code"] == "yongchuan")]
    assert _read(one, "name", "label", "state", "value") == [
        ("永川区总工会", "成功调解劳动争议案件", "value", Decimal(2))
    ]
    assert frame.dtypes["value"] == pd.ArrowDtype(pa.decimal128(38, 6))
    assert frame.dtypes["record_count"] == pd.ArrowDtype(pa.int64())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda file: client.result(2014, warehouse=file), "2014"),
        (lambda file: client.items("永川区", 1999, warehouse=file), "1999"),
        (lambda file: client.items("无此县", 2015, warehouse=file), "无此县"),
        (lambda file: client.contributions("nothing", warehouse=file), "nothing"),
        (lambda file: client.between("2015-02-30", "2015-03-01", warehouse=file), "2015-02-30"),
        (lambda file: client.between("2015-03-02", "2015-03-01", warehouse=file), "2015-03-02"),
    ],
)
def test_what_it_does_not_know_is_a_sentence(
    warehouse: Path, asked: Callable[[Path], pd.DataFrame], said: str
) -> None:
    with pytest.raises(Unanswered, match=said) as refused:
        asked(warehouse)
    assert "(" in str(refused.value) and "\n" not in str(refused.value)


def test_without_a_warehouse_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse, match="union-assessment run"):
        client.result(2015, warehouse=tmp_path / "none.duckdb")


def test_a_notebook_needs_no_prefect() -> None:
    seen = (
        "import flows.client, sys; sys.exit(any(name.partition('.')[0] == 'prefect' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", seen], check=False).returncode == 0
