"""Read-only questions to a published warehouse, answered as data frames for people."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flows.database.connect import open_published, sql_text


def run_sql(warehouse: Path, sql: str, parameters: dict[str, object] | None = None) -> pd.DataFrame:
    """The rows of one SELECT on a warehouse opened read-only; `duckdb.Error` says what is wrong with it."""
    with open_published(warehouse) as con:
        con.execute("set enable_external_access = false")
        return con.execute(sql, parameters).df()


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
