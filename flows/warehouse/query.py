"""Read-only questions to a published warehouse, every value as exact as DuckDB has it: rows for people, Arrow for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import duckdb
import pandas as pd
import pyarrow as pa

from flows.database.connect import literal, open_published, sql_text
from flows.language import _

#: What one question may take; nothing is spilled, for that would be written beside the warehouse.
MEMORY, SECONDS = "2GB", 120.0
#: Types for which Python and Arrow have no equal: they are their texts.
_SPOKEN = ("INTERVAL", "BIT", "BIGNUM", "UNION", "VARIANT")


class TooLong(RuntimeError):
    """A question took longer than it may."""


class TooMuch(RuntimeError):
    """A question needed more memory than it may take."""


@contextmanager
def ask(
    warehouse: Path,
    sql: str,
    parameters: Mapping[str, object] | None = None,
    seconds: float = SECONDS,
    memory: str = MEMORY,
) -> Iterator[duckdb.DuckDBPyRelation]:
    """One SELECT on a warehouse opened read-only, which reads and writes no other file; fetch its rows inside the block.

    Args:
        warehouse: The published file.
        sql: The question.
        parameters: Its named parameters.
        seconds: How long it may take.
        memory: How much memory DuckDB may take for it, like 2GB.

    Raises:
        TooLong, TooMuch: it took longer, or needed more memory.
        duckdb.Error: says what is wrong with it.
    """
    with open_published(warehouse) as con:
        con.execute(
            f"set memory_limit = {literal(memory)}; set temp_directory = ''; set enable_external_access = false; "
            "set lock_configuration = true"
        )
        clock = Timer(seconds, con.interrupt)
        clock.daemon = True
        clock.start()
        try:
            yield _spoken(con.sql(sql, params=dict(parameters or {})))
        except duckdb.InterruptException:
            raise TooLong(
                _(
                    "the question took longer than {seconds:g} s: ask for less, or give it more with --seconds",
                    seconds=seconds,
                )
            ) from None
        except duckdb.OutOfMemoryException:
            raise TooMuch(
                _(
                    "the question needs more memory than {memory}: ask for less, or give it more with --memory",
                    memory=memory,
                )
            ) from None
        finally:
            clock.cancel()


def _spoken(asked: duckdb.DuckDBPyRelation | None) -> duckdb.DuckDBPyRelation:
    if asked is None:
        raise duckdb.InvalidInputException("not a question: a SELECT, FROM, DESCRIBE or SHOW is asked for")
    spoken = [any(kind in str(of) for kind in _SPOKEN) for of in asked.types]
    if not any(spoken):
        return asked
    shown = (
        f'#{at}::varchar as "{name.replace(chr(34), chr(34) * 2)}"' if text else f"#{at}"
        for at, (text, name) in enumerate(zip(spoken, asked.columns, strict=True), 1)
    )
    return asked.project(", ".join(shown))


def run_sql(
    warehouse: Path,
    sql: str,
    parameters: Mapping[str, object] | None = None,
    seconds: float = SECONDS,
    memory: str = MEMORY,
) -> pd.DataFrame:
    """The rows of a question as Python has them, a Decimal where DuckDB has one; see `ask`."""
    with ask(warehouse, sql, parameters, seconds, memory) as asked:
        return pd.DataFrame(asked.fetchall(), columns=list(asked.columns), dtype=object)


def run_arrow(
    warehouse: Path,
    sql: str,
    parameters: Mapping[str, object] | None = None,
    seconds: float = SECONDS,
    memory: str = MEMORY,
) -> pa.Table:
    """The rows of a question as an Arrow table, decimals as decimals; see `ask`."""
    with ask(warehouse, sql, parameters, seconds, memory) as asked:
        return asked.to_arrow_table()


def metrics(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """Indicators of one unit and calendar year: label, unit of measure, state, value, target, attainment."""
    return run_sql(
        warehouse,
        sql_text("ask", "unit_values"),
        {"unit": unit, "year": year},
    )


def result(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """What a unit reached in a year: total, places, grade, status; no row where the year is not scored."""
    return run_sql(
        warehouse,
        sql_text("ask", "unit_result"),
        {"unit": unit, "year": year},
    )


def leaf_scores(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """The points of one unit and year item by item, without blocks, in the order of the scheme."""
    return run_sql(
        warehouse,
        sql_text("ask", "unit_items"),
        {"unit": unit, "year": year},
    )


def findings(warehouse: Path, year: int) -> dict[str, int]:
    """How many matters of a year are to be settled or known, by severity."""
    frame = run_sql(
        warehouse,
        "select severity, count(*) as number from assess.finding where year = $year group by severity",
        {"year": year},
    )
    found = dict(zip(frame["severity"], frame["number"], strict=True))
    return {severity: int(found.get(severity, 0)) for severity in ("error", "warning", "info")}
