"""Read-only questions to a published warehouse, answered as data frames for people."""

from __future__ import annotations

from pathlib import Path
from threading import Timer

import duckdb
import pandas as pd

from flows.database.connect import open_published, sql_text

#: What one question may take; nothing is spilled, for that would be written beside the warehouse.
_MEMORY, SECONDS = "2GB", 120.0


class TooLong(RuntimeError):
    """A question took longer than it may."""


def run_sql(
    warehouse: Path, sql: str, parameters: dict[str, object] | None = None, seconds: float = SECONDS
) -> pd.DataFrame:
    """The rows of one SELECT on a warehouse opened read-only, every value as exact as DuckDB has it.

    Args:
        warehouse: The published file.
        sql: The question.
        parameters: Its named parameters.
        seconds: How long it may take.

    Raises:
        TooLong: it took longer.
        duckdb.Error: says what is wrong with it, or that it needs too much memory.
    """
    with open_published(warehouse) as con:
        con.execute(
            f"set memory_limit = '{_MEMORY}'; set temp_directory = ''; set enable_external_access = false; "
            "set lock_configuration = true"
        )
        clock = Timer(seconds, con.interrupt)
        clock.daemon = True
        clock.start()
        try:
            return _exact(con.sql(sql, params=parameters))
        except duckdb.InterruptException:
            raise TooLong(
                f"查询超过{seconds:g}秒，已停止；请缩小范围 (the question took longer than {seconds:g} s)"
            ) from None
        finally:
            clock.cancel()


def _exact(asked: duckdb.DuckDBPyRelation | None) -> pd.DataFrame:
    """Rows as Python has them, a Decimal where DuckDB has one; an interval is its text, for Python's has no months."""
    if asked is None:
        raise duckdb.InvalidInputException("not a question: a SELECT, FROM, DESCRIBE or SHOW is asked for")
    names = list(asked.columns)
    spoken = [kind == duckdb.sqltypes.INTERVAL for kind in asked.types]
    if any(spoken):
        shown = (f"#{at}::varchar" if text else f"#{at}" for at, text in enumerate(spoken, 1))
        asked = asked.project(", ".join(shown))
    return pd.DataFrame(asked.fetchall(), columns=names, dtype=object)


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
