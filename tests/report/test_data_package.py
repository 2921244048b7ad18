"""The tables of a scored year as CSV and Parquet: what the warehouse holds, to the last digit, and described as it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pyarrow.parquet as pq
import pytest

from flows.assess.score_years import score_year
from flows.contract.catalogue import records
from flows.report.results.data_package import DESCRIPTOR, write_data_package
from flows.warehouse.describe import describe
from tests.support import stand
from tests.support.scheme import measured_year

YEAR = 2015
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A described warehouse of one year in which a text looks like a formula."""
    folder = tmp_path_factory.mktemp("office")
    con, root = measured_year(folder, target=7)
    notice = {
        "unit_code": "dazu",
        "year": YEAR,
        "item": "mediation",
        "points": "0.3",
        "document_no": "样扣1号",
    }
    stand.give(con, "deduction", [notice | {"reason": "张三未到"}])
    score_year(con, YEAR, root)
    con.execute(f"update ref.unit set short_name = '{FORMULA}' where unit_code = 'yongchuan'")
    file = folder / "warehouse.duckdb"
    stand.publish(con, file)
    with duckdb.connect(str(file)) as saved:  # a copy of a database leaves its comments behind
        describe(saved, records())
    return file


@pytest.fixture(scope="module")
def package(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "data"
    write_data_package(warehouse, folder, YEAR, "样例")
    return folder


def _described(package: Path) -> dict[str, dict[str, Any]]:
    said = json.loads((package / DESCRIPTOR).read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in said["resources"]}


def _rows(package: Path, resource: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """The rows of a CSV as its description says that they are to be read."""
    kinds = [field["type"] for field in resource["schema"]["fields"]]
    read = {"number": Decimal, "integer": int, "date": date.fromisoformat, "array": json.loads, "string": str}
    read["boolean"] = "true".__eq__
    text = (package / resource["path"]).read_bytes().decode("utf-8-sig")
    for line in list(csv.reader(io.StringIO(text)))[1:]:
        yield tuple(None if cell == "" else read[kind](cell) for kind, cell in zip(kinds, line, strict=True))


def test_frictionless_finds_the_package_sound(package: Path) -> None:
    found = frictionless.validate(str(package / DESCRIPTOR))
    assert found.valid, found.flatten(["title", "message"])[:5]
    assert found.stats["tasks"] == 32
    assert {"result", "item_score", "value", "target", "unit", "indicator"} <= set(_described(package))


def test_a_changed_file_is_noticed(package: Path, tmp_path: Path) -> None:
    for path in package.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"2015,yongchuan", b"2015,yongchuen"))
    found = frictionless.validate(str(tmp_path / DESCRIPTOR))
    assert {error[0] for error in found.flatten(["title"])} >= {"Hash Count Error", "ForeignKey Error"}


def test_both_files_of_every_table_are_the_warehouse_s(warehouse: Path, package: Path) -> None:
    resources = _described(package)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for name, resource in resources.items():
            if name.endswith("-parquet"):
                continue
            fields = [field["name"] for field in resource["schema"]["fields"]]
            [schema] = con.execute(
                f"select schema_name from duckdb_tables() where table_name = '{name}' and schema_name <> 'book'"
            ).fetchall()
            listed, condition = ", ".join(f'"{f}"' for f in fields), "true"
            if name == "value":
                condition = "period_id in ('2015', '2015-03', '2015-10')"
            if name == "code":
                condition = "list in ('assessment_grade', 'value_state', 'bonus_kind', 'honour_level')"
            told = con.execute(
                f'select {listed} from "{schema[0]}"."{name}" where {condition} order by all'
            ).fetchall()
            held = pq.read_table(package / f"{name}.parquet")
            columns = [held.column(f).to_pylist() for f in fields]
            assert list(zip(*columns, strict=True)) == told or not told, name
            written = [tuple(None if cell == "" else cell for cell in row) for row in told]
            quoted = [tuple(f"'{c}" if c == FORMULA else c for c in row) for row in written]
            assert list(_rows(package, resource)) == quoted, name
            exact = [
                str(held.schema.field(f["name"]).type)
                for f in resource["schema"]["fields"]
                if f["type"] == "number"
            ]
            assert all(kind.startswith("decimal128") for kind in exact), name
        assert con.execute("select count(*) from assess.adjustment").fetchone() == (1,)


def test_every_column_is_explained_in_both_languages_and_no_text_of_a_person_is_there(package: Path) -> None:
    for resource in _described(package).values():
        for field in [resource, *resource.get("schema", {}).get("fields", [])]:
            assert any("一" <= c <= "龥" for c in field["title"]), field
            assert field["description"].isascii() or "…" in field["description"], field
    everything = b"".join(path.read_bytes() for path in package.iterdir())
    assert "张三".encode() not in everything
    assert (package / "result.csv").read_bytes().startswith(b"\xef\xbb\xbfyear,unit_code")


def test_equal_warehouses_give_equal_bytes_and_a_folder_is_replaced_whole(
    warehouse: Path, package: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    write_data_package(warehouse, folder, YEAR, "样例")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert {name: data for name, (data, _) in before.items()} == {
        path.name: path.read_bytes() for path in package.iterdir()
    }
    write_data_package(warehouse, folder, YEAR, "样例")
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    (folder / "of_older_code.csv").write_text("x", "utf-8")
    write_data_package(warehouse, folder, YEAR, "样例")
    assert {path.name for path in folder.iterdir()} == set(before)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
