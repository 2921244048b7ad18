"""The published warehouse from a notebook: results, items, rows and any span of days as pandas frames.

    from flows import client

    client.result(2015)
    client.items("涪陵", 2015)
    client.contributions("mediation_succeeded", "永川区", "2015-01-01", "2015-06-30")
    client.between("2011-01-01", "2015-10-31")

Columns are Arrow's: a decimal is a decimal and a day a day, also where something is missing. The warehouse is opened
read-only for each question, so that a frame never holds two editions; Prefect is not needed. What it has not is refused in a sentence.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from flows import settings
from flows.contract.units import reference
from flows.database.connect import sql_text
from flows.warehouse.query import run_arrow

#: A day, or its text like 2015-10-31.
Day = date | str


class Unanswered(ValueError):
    """The warehouse has no answer: a unit, year, indicator or day that it does not know."""


def result(year: int, *, warehouse: Path | None = None) -> pd.DataFrame:
    """Points, places and grade of every unit in a scored year, best first, and how far they may still move."""
    return _scored(_ask("result", warehouse, year=year), year)


def items(unit: str, year: int, *, warehouse: Path | None = None) -> pd.DataFrame:
    """Every item of a unit (by name, short name or code) in the order of the scheme, with the sentence that explains its points."""
    return _scored(_ask("items", warehouse, unit=_unit(unit), year=year), year)


def contributions(
    indicator: str,
    unit: str | None = None,
    from_on: Day | None = None,
    to_on: Day | None = None,
    *,
    warehouse: Path | None = None,
) -> pd.DataFrame:
    """The rows behind an indicator, each with its file, sheet and row.

    Args:
        indicator: its id, as in `ref.indicator`.
        unit: whose own rows, by name, short name or code; all units' without it.
        from_on: first day; rows of a span that reaches into it are there, too.
        to_on: last day.
        warehouse: a published file other than that of this data folder.

    Raises:
        Unanswered: no such unit, indicator or day.
        NoWarehouse: nothing is published yet.
    """
    first, last = _days(from_on, to_on)
    code = None if unit is None else _unit(unit)
    known = run_arrow(
        _file(warehouse), "select indicator_id from ref.indicator where indicator_id = $id", {"id": indicator}
    )
    if not known.num_rows:
        raise Unanswered(
            f"没有指标“{indicator}”，全部指标见 ref.indicator (no indicator {indicator}: ref.indicator has them all)"
        )
    return _ask("contributions", warehouse, indicator=indicator, unit=code, from_on=first, to_on=last)


def between(from_on: Day, to_on: Day, *, warehouse: Path | None = None) -> pd.DataFrame:
    """Every indicator of every unit over any span of days, both included, as `metric.in_span` has it."""
    first, last = _days(from_on, to_on)
    return _ask("between", warehouse, from_on=first, to_on=last)


def _ask(name: str, warehouse: Path | None, **parameters: object) -> pd.DataFrame:
    rows = run_arrow(_file(warehouse), sql_text("client", name), parameters)
    frame: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _file(warehouse: Path | None) -> Path:
    return warehouse or settings.paths().warehouse_file()


def _scored(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    if frame.empty:
        raise Unanswered(
            f"{year}年没有结果：未计分，或该单位当年未参加考核 (no results of {year}: not scored, or not assessed that year)"
        )
    return frame


def _unit(text: str) -> str:
    code = reference().resolve_sender(text, settings.now().date())
    if code is None:
        raise Unanswered(
            f"没有名为“{text}”的单位，见 data/reference/unit.csv (no unit is called {text}: see data/reference/unit.csv)"
        )
    return code


def _days(from_on: Day | None, to_on: Day | None) -> tuple[date | None, date | None]:
    first, last = _day(from_on), _day(to_on)
    if first is not None and last is not None and first > last:
        raise Unanswered(f"起止日期颠倒：{first} 晚于 {last} ({first} is after {last})")
    return first, last


def _day(value: Day | None) -> date | None:
    if value is None:
        return None
    try:
        return (
            date.fromisoformat(str(value)[:10])
            if isinstance(value, str)
            else date(value.year, value.month, value.day)
        )
    except (ValueError, AttributeError):
        raise Unanswered(
            f"“{value}”不是 2015-10-31 这样的日期 ({value} is not a day like 2015-10-31)"
        ) from None
