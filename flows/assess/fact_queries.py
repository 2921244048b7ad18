"""What the engine is given about a year, read from a build: one query of `sql/assess/fact/` per kind of fact.

Each query names its columns after the fields it fills, so that a fact can be looked at in a shell as the engine
gets it. Only `current.*` and `metric.*` are read: a rejected row is no fact, it is an issue already. Amounts become
exact fractions here; a rate is the fraction of its two parts, because its value is rounded to six places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.metrics.values import Span, over_spans
from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Correction,
    Decision,
    Facts,
    Figure,
    FigureKey,
    LateReport,
    Notice,
    PastResult,
    PointsRuling,
    RaterScore,
    VetoEvent,
)
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear

_Row = dict[str, Any]

#: Fields whose own names are words of SQL.
_FIELD = {
    "on_day": "on",
    "days_late": "days",
    "claimed_points": "claimed",
    "granted_points": "granted",
}


def read_facts(
    con: duckdb.DuckDBPyConnection, year: SchemeYear, root: Path = ROOT, on: date | None = None
) -> Facts:
    """Everything known about a year that its scheme can read; of what is recorded, what had come by the day `on`."""
    keys = required_figures(year)

    def rows(name: str, **parameters: object) -> Iterator[_Row]:
        sql = (root / "sql" / "assess" / "fact" / f"{name}.sql").read_text(encoding="utf-8")
        return _rows(con, sql, parameters)

    names = {row["unit"]: row["short_name"] for row in rows("unit", year=year.year)}
    children: dict[str, tuple[str, ...]] = {}
    for row in rows("child", year=year.year):
        children[row["unit"]] = (*children.get(row["unit"], ()), row["child"])
    counted = {*names, *(child for below in children.values() for child in below)}
    return Facts(
        units=tuple(names),
        names=names,
        figures=_figures(rows("figure", **_pairs(keys)), keys, counted),
        children=children,
        **{name: read_recorded(con, year, name, root, on) for name in RECORDED},
        known_on=known_on(con),
    )


#: Lists of `Facts` that are recorded row by row → their query, what a row becomes, the record kinds that it reads.
RECORDED: dict[str, tuple[str, type, tuple[str, ...]]] = {
    "corrections": ("correction", Correction, ("verified_figure", "spot_check", "appeal")),
    "points_rulings": ("points_ruling", PointsRuling, ("appeal",)),
    "scores": ("rater_score", RaterScore, ("rater_score",)),
    "late": ("late", LateReport, ("late_excuse",)),
    "bonus": ("bonus", BonusApplication, ("bonus_application",)),
    "notices": ("notice", Notice, ("deduction",)),
    "vetoes": ("veto", VetoEvent, ("veto_event",)),
    "past": ("past", PastResult, ("past_result",)),
    "decisions": ("decision", Decision, ("rank_decision",)),
}


def read_recorded(
    con: duckdb.DuckDBPyConnection, year: SchemeYear, name: str, root: Path = ROOT, on: date | None = None
) -> tuple[Any, ...]:
    """One of the lists of `RECORDED` for a year.

    Args:
        con: A build or a published file.
        year: The scheme that reads it.
        name: Of the list.
        root: The clone whose queries are used.
        on: Only what had come by this day; None: all.

    Returns:
        The facts, in the order of the query.
    """
    query, made, _kinds = RECORDED[name]
    sql = (root / "sql" / "assess" / "fact" / f"{query}.sql").read_text(encoding="utf-8")
    asked: dict[str, object] = {"year": year.year}
    if name == "late":
        asked |= {"closing_on": year.scheme.closing_on, "known_on": on}
    facts = tuple(made(**row) for row in _rows(con, sql, asked))
    if on is None or name in (
        "late",
        "past",
    ):  # late reports are counted by the day; what earlier years decided is known
        return facts
    come = {part for (part,) in con.execute(_COME_BY, {"on": on}).fetchall()}
    return tuple(fact for fact in facts if fact.address.part_id in come)


_COME_BY = "select part_id from meta.part join meta.delivery using (delivery_id) where cast(received_at as date) <= $on"


def read_spans(
    con: duckdb.DuckDBPyConnection, names: Collection[str], spans: Collection[Span], root: Path = ROOT
) -> dict[Span, dict[tuple[str, str, str | None], Figure]]:
    """Figures of some indicators over any spans of days: by unit, indicator and category."""
    out: dict[Span, dict[tuple[str, str, str | None], Figure]] = {span: {} for span in spans}
    if not names or not spans:
        return out
    by_name = {str(number): span for number, span in enumerate(out)}
    asked = {name: indicators(root)[name] for name in sorted(names)}
    sql = f"""select v.period_id, v.unit_code as unit, v.indicator_id as indicator, v.category, v.state, v.value as amount,
      v.numerator, v.denominator, v.lower, v.upper, v.record_count as records, v.undecided_count as undecided
    from {over_spans(con, asked, by_name, root)} as v"""
    for row in _rows(con, sql, {}):
        span = by_name[row.pop("period_id")]
        key = (row.pop("unit"), row.pop("indicator"), row.pop("category"))
        out[span][key] = _figure(row)
    return out


def known_on(con: duckdb.DuckDBPyConnection) -> date | None:
    """The day up to which deliveries are known: that of the build, or of its last delivery; None without any."""
    row = con.execute("select cast(coalesce(as_of, last_received_at) as date) from meta.run").fetchone()
    return None if row is None else row[0]


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> Iterator[_Row]:
    """The rows of a query as keyword arguments: numbers are fractions, the address is one value."""
    found = con.execute(sql, dict(parameters))
    names = [_FIELD.get(column[0], column[0]) for column in found.description]
    for values in found.fetchall():
        row: _Row = {
            n: Fraction(v) if isinstance(v, Decimal) else v for n, v in zip(names, values, strict=True)
        }
        if "part_id" in row:
            row["address"] = Address(row.pop("part_id"), row.pop("row_number"))
        yield row


def _pairs(keys: Sequence[FigureKey]) -> dict[str, list[str]]:
    asked = sorted({(key.indicator, key.period_id) for key in keys})
    return {"indicators": [i for i, _ in asked], "periods": [p for _, p in asked]}


def _figures(
    rows: Iterator[_Row], keys: Sequence[FigureKey], units: set[str]
) -> dict[tuple[str, FigureKey], Figure]:
    """Totals as asked; where one category is asked for, all of them: a tally names those it does not know."""
    totals = {(key.indicator, key.period_id) for key in keys if key.category is None}
    split = {(key.indicator, key.period_id) for key in keys if key.category is not None}
    out = {}
    for row in rows:
        unit, key = (
            row.pop("unit"),
            FigureKey(row.pop("indicator"), row.pop("category"), row.pop("period_id")),
        )
        asked = totals if key.category is None else split
        if unit in units and (key.indicator, key.period_id) in asked:
            out[unit, key] = _figure(row)
    return out


def _figure(row: _Row) -> Figure:
    figure = Figure(**row)
    if figure.amount is None:
        return figure
    exact = figure.amount
    if figure.denominator and figure.numerator is not None:
        exact = figure.numerator / figure.denominator
    low, high = figure.lower, figure.upper
    if not figure.undecided:
        low = high = exact
    return replace(
        figure,
        amount=exact,
        lower=low if low is None else min(low, exact),
        upper=high if high is None else max(high, exact),
    )
