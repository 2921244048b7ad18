"""Contracts by example: `tests/case/record/<kind>.yml` holds a sound row and what breaks it.

A contract's rules run here as the store runs them, through its own INSERT. Every rule of a kind that has
cases must be seen to fire, and the sound row must pass all of them without a remark: a rule that nothing
breaks, or that good rows break, is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.contract.load import ROOT, load_yaml, records
from flows.contract.model import Record
from flows.contract.reference import reference
from flows.store.compile import insert, mark_duplicates, unit_column, units_of
from flows.store.schema import create

CASES = ROOT / "tests" / "case" / "record"
#: The two padded HMAC keys; any bytes do, no hash is compared with a constant.
PADS = {"inner": bytes(64), "outer": bytes([1]) * 64}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    create(con, records(), reference())
    yield con
    con.close()


def load_case(kind: str) -> dict[str, Any]:
    return load_yaml(CASES / f"{kind}.yml")


def store(
    con: duckdb.DuckDBPyConnection, record: Record, case: dict[str, Any], rows: list[dict[str, str]]
) -> None:
    """Put rows into an empty `core.<kind>` as one part of the case's sender and covered period."""
    con.execute(f"delete from core.{record.record}")
    context: dict[str, list[object]] = {
        "part_id": [1],
        "sender": [case["sender"]],
        "covers_from": [date.fromisoformat(case["covers"][0])],
        "covers_to": [date.fromisoformat(case["covers"][1])],
    }
    context |= {unit_column(c): [case.get("units", {}).get(c.name, c.unit)] for c in units_of(record)}
    arrival: dict[str, pa.Array] = {
        "part_id": pa.array([1] * len(rows), pa.int64()),
        "row_number": pa.array(range(1, len(rows) + 1), pa.int32()),
        "reader_issue": pa.nulls(len(rows), pa.string()),
    }
    for column in record.read_columns:
        arrival[column.name] = pa.array([row.get(column.name) or None for row in rows], pa.string())
    types = {"part_id": pa.int64(), "covers_from": pa.date32(), "covers_to": pa.date32()}
    con.register(
        "part_context", pa.table({n: pa.array(v, types.get(n, pa.string())) for n, v in context.items()})
    )
    con.register("arrival", pa.table(arrival))
    statement = insert(record)
    con.execute(statement, PADS if "$inner" in statement else None)


def outcome(con: duckdb.DuckDBPyConnection, record: Record) -> list[tuple[str, list[str]]]:
    query = f"select row_state, coalesce(issues, []) from core.{record.record} order by row_number"
    return con.execute(query).fetchall()


KINDS = sorted(path.stem for path in CASES.glob("*.yml"))


@pytest.mark.parametrize("kind", KINDS)
def test_sound_row_is_accepted_without_remark(database: duckdb.DuckDBPyConnection, kind: str) -> None:
    record, case = records()[kind], load_case(kind)
    store(database, record, case, [case["sound"]])
    assert outcome(database, record) == [("accepted", [])]
    for name, value in case["stored"].items():
        query = f'select cast("{name}" as varchar) from core.{kind}'
        assert database.execute(query).fetchone() == (value,), name


@pytest.mark.parametrize("kind", KINDS)
def test_each_rule_fires_on_the_row_that_breaks_it(database: duckdb.DuckDBPyConnection, kind: str) -> None:
    record, case = records()[kind], load_case(kind)
    broken = case.get("breaks") or {}
    assert set(broken) == {check.id for check in record.checks}
    store(database, record, case, [case["sound"] | cells for cells in broken.values()])
    for check_id, (state, issues) in zip(broken, outcome(database, record), strict=True):
        check = next(c for c in record.checks if c.id == check_id)
        assert f"{record.stored_at(check)}:{check_id}" in issues, check_id
        others = {i.partition(":")[2] for i in issues} - {check_id}
        rejecting = {c.id for c in record.checks if c.severity == "reject"}
        if check.severity == "reject" or others & rejecting:
            assert state == "rejected", check_id
        else:
            assert state == "accepted", check_id


@pytest.mark.parametrize("kind", KINDS)
def test_key_catches_the_repeat_and_only_the_repeat(database: duckdb.DuckDBPyConnection, kind: str) -> None:
    record, case = records()[kind], load_case(kind)
    sound = case["sound"]
    for cells in case["repeats"]:
        store(database, record, case, [sound, sound | cells])
        database.execute(mark_duplicates(record), {"parts": [1]})
        assert [state for state, _ in outcome(database, record)] == ["accepted", "duplicate"], cells
    for cells in case["differs"]:
        store(database, record, case, [sound, sound | cells])
        database.execute(mark_duplicates(record), {"parts": [1]})
        assert [state for state, _ in outcome(database, record)] == ["accepted", "accepted"], cells


def test_cases_belong_to_contracts() -> None:
    assert set(KINDS) <= set(records())
    assert Path(CASES).is_dir()
