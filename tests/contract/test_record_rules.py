"""Contracts by example: `tests/case/record/<kind>.yml` holds a sound row and what breaks it.

A contract's rules run here as the store runs them, through its own INSERT. Every rule of every kind must be
seen to fire, and the sound row must pass all of them without a remark: a rule that nothing
breaks, or that good rows break, is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from flows.contract.catalogue import ROOT, load_yaml, records
from flows.contract.record import Record
from flows.contract.units import reference
from flows.normalise.key_sql import insert_grouped, mark_duplicates
from flows.normalise.load import AS_WRITTEN
from flows.normalise.lookup import Lookup
from flows.normalise.record_sql import (
    absent_column,
    insert,
    issue_column,
    looked_up,
    may_be_absent,
    unit_column,
    units_of,
)
from flows.normalise.schema import create

CASES = ROOT / "tests" / "case" / "record"
#: The two padded HMAC keys; any bytes do, no hash is compared with a constant.
PADS = {"inner": bytes(64), "outer": bytes([1]) * 64}


#: What became of a row: its state and its issues.
Outcome = tuple[str, list[str]]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute(f"set disabled_optimizers = '{AS_WRITTEN}'")  # as the load does: planning takes a tenth
    create(con, records(), reference())
    yield con
    con.close()


class Stored:
    """All rows of one case, stored by one INSERT: binding the macros costs far more than the rows.

    Part 1 is the sound row, then one part for each broken row, then one for each pair of the sound row
    and a variant of it; duplicates are looked for in the pairs alone.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, record: Record) -> None:
        case = load_yaml(CASES / f"{record.record}.yml")
        sound: dict[str, str] = case["sound"]  # type: ignore[assignment]
        self.con, self.record, self.case = con, record, case
        self.said: dict[str, str | None] = {}
        self.broken: dict[str, dict[str, str]] = case.get("breaks") or {}  # type: ignore[assignment]
        self.pairs = [(cells, "duplicate") for cells in case["repeats"]]  # type: ignore[attr-defined]
        self.pairs += [(cells, "accepted") for cells in case["differs"]]  # type: ignore[attr-defined]
        parts = [[sound]]
        parts += [[sound | cells] for cells in self.broken.values()]
        parts += [[sound, sound | cells] for cells, _ in self.pairs]
        self._insert(parts)
        con.execute(mark_duplicates(record), {"first": 2 + len(self.broken), "last": len(parts)})

    def _insert(self, parts: list[list[dict[str, str]]]) -> None:
        numbers = list(range(1, 1 + len(parts)))
        covers: list[str] = self.case["covers"]  # type: ignore[assignment]
        units: dict[str, str] = self.case.get("units", {})  # type: ignore[assignment]
        context: dict[str, pa.Array] = {
            "part_id": pa.array(numbers, pa.int64()),
            "sender": pa.array([self.case["sender"]] * len(parts), pa.string()),
            "covers_from": pa.array([date.fromisoformat(covers[0])] * len(parts)),
            "covers_to": pa.array([date.fromisoformat(covers[1])] * len(parts)),
            "held_columns": pa.nulls(len(parts), pa.list_(pa.string())),
        }
        for column in may_be_absent(self.record):
            context[absent_column(column)] = pa.array([False] * len(parts))
        for column in units_of(self.record):
            unit = units.get(column.name, column.unit)
            context[unit_column(column)] = pa.array([unit] * len(parts), pa.string())
        rows = [(part, row) for part, rows in zip(numbers, parts, strict=True) for row in rows]
        arrival: dict[str, pa.Array] = {
            "part_id": pa.array([part for part, _ in rows], pa.int64()),
            "row_number": pa.array(range(1, len(rows) + 1), pa.int32()),
            "reader_issue": pa.nulls(len(rows), pa.string()),
        }
        for column in self.record.read_columns:
            arrival[column.name] = pa.array([row.get(column.name) or None for _, row in rows], pa.string())
        lookup = Lookup(reference(), str(self.case["sender"]), date.fromisoformat(covers[1]))
        for column in looked_up(self.record):
            found = lookup.column(column, arrival[column.name])
            arrival[column.name], arrival[issue_column(column)] = found
        self.con.register("part_context", pa.table(context))
        self.con.register("arrival", pa.table(arrival))
        statement = insert(self.record)
        self.con.execute(statement, PADS if "$inner" in statement else None)
        if grouped := self.record.grouped:  # one person shows nothing of them: what the row says is looked at
            casts = ", ".join(f'cast("{name}" as varchar)' for name in grouped)
            [values] = self.con.execute(f"select {casts} from typed where part_id = 1").fetchall()
            self.said = dict(zip(grouped, values, strict=True))
            insert_grouped(self.con, self.record, (PADS["inner"], PADS["outer"]))

    def outcome(self, part: int) -> list[Outcome]:
        return self.con.execute(
            f"select row_state, coalesce(issues, []) from core.{self.record.record} where part_id = ? "
            "order by row_number",
            [part],
        ).fetchall()


KINDS = sorted(path.stem for path in CASES.glob("*.yml"))


@pytest.fixture(scope="module", params=KINDS)
def stored(request: pytest.FixtureRequest, database: duckdb.DuckDBPyConnection) -> Stored:
    return Stored(database, records()[request.param])


def test_sound_row_is_accepted_without_remark(stored: Stored) -> None:
    assert stored.outcome(1) == [("accepted", [])]
    expected: dict[str, str] = stored.case["stored"]  # type: ignore[assignment]
    for name, value in expected.items():
        query = f'select cast("{name}" as varchar) from core.{stored.record.record} where part_id = 1'
        [(kept,)] = stored.con.execute(query).fetchall()
        assert stored.said.get(name, kept) == value and (kept is None or name not in stored.said), name


def test_each_rule_fires_on_the_row_that_breaks_it(stored: Stored) -> None:
    record = stored.record
    assert set(stored.broken) == {check.id for check in record.checks}
    rejecting = {check.id for check in record.checks if check.severity == "reject"}
    for part, check_id in enumerate(stored.broken, 2):
        check = next(c for c in record.checks if c.id == check_id)
        ((state, issues),) = stored.outcome(part)
        assert f"{record.stored_at(check)}:{check_id}" in issues, check_id
        fired = {issue.partition(":")[2] for issue in issues}
        assert state == ("rejected" if fired & rejecting else "accepted"), check_id


def test_key_catches_the_repeat_and_only_the_repeat(stored: Stored) -> None:
    for part, (cells, second) in enumerate(stored.pairs, 2 + len(stored.broken)):
        states = [state for state, _ in stored.outcome(part)]
        assert states == ["accepted", second], cells


def test_every_contract_has_its_case() -> None:
    assert sorted(records()) == KINDS
