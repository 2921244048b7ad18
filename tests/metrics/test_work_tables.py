"""Each statement of the aggregation alone: given rows of the tables it reads, the rows it makes (`tests/case/metric`).

The types of the given tables are those that the statements themselves make over an empty warehouse, so that a case can name
no column that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pytest

from flows.contract.catalogue import ROOT, load_yaml
from flows.contract.indicator import indicators
from flows.database.connect import run_file
from flows.metrics.values import over_spans
from tests.support import stand

FOLDER = ROOT / "sql" / "metric"
STATEMENTS = {
    path.stem: path for room in ("work", "kept", "measured") for path in (FOLDER / room).glob("*.sql")
}
CASES = {path.stem: path for path in (ROOT / "tests" / "case" / "metric").glob("*.yml")}
ROWS = ("flow_row", "event_row", "stock_row", "coverage_row", "streak_row")


@cache
def columns() -> dict[str, dict[str, str]]:
    """Name and type of every column of every work table."""
    con = stand.empty()
    over_spans(con, indicators(), {"2015": stand.span("2015")})
    names = [*STATEMENTS, *ROWS, "measured", "ref.unit", "ref.unit_change", "ref.indicator"]
    names += [
        "ref.indicator_record",
        "ref.record",
        "meta.part_in_force",
        "meta.part_unit",
        "metric.snapshot_count",
        "metric.shared_subject",
    ]
    described = {name: con.execute(f"describe {name}").fetchall() for name in names}
    con.close()
    return {name: {row[0]: row[1] for row in rows} for name, rows in described.items()}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as fresh:
        fresh.execute("create schema ref; create schema meta; create schema metric")
        run_file(fresh, ROOT / "sql" / "macro" / "number.sql")
        for name, types in columns().items():
            if "." in name:
                fresh.execute(f"create table {name} ({', '.join(f'{c} {t}' for c, t in types.items())})")
        yield fresh


def give(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    types = columns()[name]
    assert not {key for row in rows for key in row} - set(types), name
    kind = "table" if "." in name else "temporary table"
    listed = ", ".join(f"{c} {t}" for c, t in types.items())
    con.execute(f"create or replace {kind} {name} ({listed})")
    for row in rows:
        marks = ", ".join(f"cast(${n} as {types[c]})" for n, c in enumerate(row, 1))
        con.execute(f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values()))


def test_every_statement_has_a_case() -> None:
    assert sorted(CASES) == sorted(STATEMENTS)


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(name: str, con: duckdb.DuckDBPyConnection) -> None:
    for case in load_yaml(CASES[name])["cases"]:  # type: ignore[attr-defined]
        if setting := case.get("set"):
            con.execute(f"set variable {setting}")
        for table, rows in case.get("given", {}).items():
            give(con, table, rows)
        run_file(con, STATEMENTS[name])
        made = con.execute(f"from {name}")
        names = [column[0] for column in made.description]
        shown = [dict(zip(names, row, strict=True)) for row in made.fetchall()]
        expected = case["expect"]
        keys = list(dict.fromkeys(key for row in expected for key in row))
        got = [{key: _plain(row[key]) for key in keys} for row in shown]
        wanted = [{key: row.get(key) for key in keys} for row in expected]
        assert sorted(map(str, got)) == sorted(map(str, wanted)), case["case"]


def _plain(value: object) -> object:
    """A value as a case writes it."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value if isinstance(value, bool | int | None) else str(value)


@pytest.mark.parametrize("name", ["period_asked", "indicator_asked"])
def test_a_parameter_that_is_not_set_is_an_error(name: str, con: duckdb.DuckDBPyConnection) -> None:
    """A misspelt session variable is NULL to DuckDB: no rows would look like an answer."""
    give(con, "ref.indicator", [{"indicator_id": "members"}])
    with pytest.raises(RuntimeError, match="set variable"):
        run_file(con, STATEMENTS[name])
