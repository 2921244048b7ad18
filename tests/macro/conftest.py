"""The macros in an empty database, asked in batches: one query for a whole table of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.normalise.load import AS_WRITTEN
from flows.normalise.schema import load_macros
from tests.macro.batch import Ask


@pytest.fixture(scope="session")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows every macro of sql/macro."""
    with duckdb.connect() as con:
        con.execute(f"set disabled_optimizers = '{AS_WRITTEN}'")  # as the load does; planning takes a tenth
        load_macros(con)
        yield con


@pytest.fixture(scope="session")
def ask(database: duckdb.DuckDBPyConnection) -> Ask:
    """`ask(expression, texts, units)`: the expression over columns `t` (and `unit`), one answer per cell."""

    def answers(
        expression: str, texts: Sequence[str | None], units: Sequence[str | None] | None = None
    ) -> list[Any]:
        table = pa.table(
            {
                "row": range(len(texts)),
                "t": pa.array(texts, pa.string()),
                "unit": pa.array(units if units is not None else [None] * len(texts), pa.string()),
            }
        )
        database.register("cell", table)
        try:
            rows = database.execute(f"select {expression} from cell order by row").fetchall()
        finally:
            database.unregister("cell")
        return [row[0] for row in rows]

    return answers
