"""The macros in an empty database, asked in batches: one query for a whole table of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
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

    prepared: dict[str, str] = {}

    def answers(
        expression: str, texts: Sequence[str | None], units: Sequence[str | None] | None = None
    ) -> list[Any]:
        """Planning an expression costs far more than its answers: each is planned once."""
        if expression not in prepared:
            prepared[expression] = f"asked_{len(prepared)}"
            database.execute(
                f"prepare {prepared[expression]} as select {expression} from (select unnest(range(len($1::varchar[]))) as row, "
                "unnest($1::varchar[]) as t, unnest($2::varchar[]) as unit) as cell order by row"
            )
        given = f"{listed(texts)}, {listed(units if units is not None else [None] * len(texts))}"
        return [row[0] for row in database.execute(f"execute {prepared[expression]}({given})").fetchall()]

    return answers


def listed(texts: Sequence[str | None]) -> str:
    """Texts as a list in SQL; a zero byte, at which a statement would end, by its number."""
    quoted = ("null" if t is None else "'" + t.replace("'", "''") + "'" for t in texts)
    return f"[{', '.join(quoted)}]".replace("\0", "' || chr(0) || '") + "::varchar[]"
