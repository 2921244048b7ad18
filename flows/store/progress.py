"""Where units stand within a year: its scheme applied to what had happened by a day, beside the pace of past years.

The engine is the same as for the whole year; only the figures end earlier. A period of the scheme that is not over ends
with the day, and one of a past year that grows in the same way ends with the same day of its own year, so that growth
compares like with like. Decisions about the year's figures (verified, ruled, appealed) are about the whole year
and stay out, points ruled on appeal too; what a spot check took off by that day stays. What is known is what the
database knows: a report that came later counts for the day it is about. What was known then is a build as of then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import duckdb

from flows.contract.indicator import indicators
from flows.contract.load import ROOT
from flows.contract.paths import Paths
from flows.score.engine import score
from flows.score.facts import Facts, Figure, FigureKey, State
from flows.score.folder import SchemeYear, years
from flows.score.needed import requirements
from flows.score.pace import ACCUMULATES, YEARS_BACK, Light, Pace, light, pace, same_day
from flows.score.result import ItemScore
from flows.score.scheme import Pace as Marks
from flows.store.assess import load_checked
from flows.store.build import MEASURE_MEMORY, open_build
from flows.store.facts import known_on, read_facts, read_span
from flows.store.query import NoWarehouse
from flows.store.result_table import rounded
from flows.store.schema import insert_rows

Span = tuple[date, date]


@dataclass(frozen=True)
class Standing:
    """A unit and leaf on a day; amounts in the unit of the indicator, `expected` is the target at its pace."""

    unit: str
    item: str
    indicator: str | None
    state: State
    target: Fraction | None
    actual: Fraction | None
    pace: Pace | None
    expected: Fraction | None
    light: Light | None
    points: Fraction | None
    full: Fraction


@dataclass(frozen=True)
class Progress:
    """All units on a day, with the names to show them by; `known_on` is how far the deliveries reach."""

    day: date
    known_on: date | None
    standings: tuple[Standing, ...]
    units: Mapping[str, str]  # code → short name
    items: Mapping[str, str]  # id → label, in the order of the scheme


@dataclass(frozen=True)
class Lights:
    """How many items with a target have which light on a day, in all and by unit; `none` where there is no figure."""

    day: date
    total: dict[str, int]
    by_unit: dict[str, dict[str, int]]


def ask_progress(warehouse: Path, day: date, root: Path = ROOT) -> Progress:
    """Progress as a published warehouse gives it; nothing is written."""
    if not warehouse.exists():
        raise NoWarehouse(f"no warehouse at {warehouse}: run `union-assessment run --year {day.year}` first")
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return progress(con, day, root)
    finally:
        con.close()


def keep_progress(paths: Paths, day: date, root: Path = ROOT) -> Lights | None:
    """Compute the progress of a day in the build and keep it in `assess.progress`; None for a year without a scheme.

    Rows of other days stay as they were computed: `known_on` says from what.
    """
    if day.year not in years(root):
        return None
    with open_build(paths, memory=MEASURE_MEMORY) as con:
        con.execute("begin")
        found = progress(con, day, root)
        con.execute("delete from assess.progress where on_day = $day", {"day": day})
        insert_rows(con, "assess.progress", con.table("assess.progress").columns, list(_rows(found)))
        con.execute("commit")
        return _lights(found)


def progress(con: duckdb.DuckDBPyConnection, day: date, root: Path = ROOT) -> Progress:
    """Where every unit stands on a day of the year the day is in; `ContractError` where that year has no scheme."""
    year = load_checked(con, day.year, root)
    spans = _Spans(con, root)
    facts = _by_day(con, year, read_facts(con, year, root), day, spans)
    scored = score(year, facts, on=day)
    leaves = {item.id: item.label for item in year.scheme.leaves}
    shown = [s for s in scored.items if s.item in leaves and (s.target is not None or s.points is not None)]
    aimed = {s.indicator for s in shown if s.indicator is not None and s.target is not None}
    paces = _paces(aimed, facts.units, day, spans)
    standings = tuple(_standing(s, paces, year.scheme.pace) for s in shown)
    return Progress(day, known_on(con), standings, facts.names, leaves)


def _standing(got: ItemScore, paces: Mapping[str, Pace], marks: Marks) -> Standing:
    """An item's score as of the day, beside what was expected where there is a target."""
    state: State = got.state
    if got.actual is not None and state in ("value", "zero"):
        state = "value" if got.actual else "zero"  # of the figure: a rule may make zero of it
    at = expected = lit = None
    if got.indicator is not None and got.target is not None:
        at = paces[got.indicator]
        expected = got.target * at.share
        lit = light(got.actual, expected, indicators()[got.indicator].direction, marks)
    return Standing(
        got.unit, got.item, got.indicator, state, got.target, got.actual, at, expected, lit, got.points,
        got.full,
    )  # fmt: skip


class _Spans:
    """Figures of spans of days, each asked once: (unit, indicator, category) → figure."""

    def __init__(self, con: duckdb.DuckDBPyConnection, root: Path) -> None:
        self._con, self._root = con, root
        self._held: dict[Span, dict[tuple[str, str, str | None], Figure]] = {}

    def __getitem__(self, span: Span) -> dict[tuple[str, str, str | None], Figure]:
        if span not in self._held:
            self._held[span] = read_span(self._con, *span, self._root)
        return self._held[span]


def _by_day(
    con: duckdb.DuckDBPyConnection, year: SchemeYear, facts: Facts, day: date, spans: _Spans
) -> Facts:
    """The facts with every period cut off at the day, and without decisions about the whole year."""
    periods = {
        period_id: (first, last)
        for period_id, first, last in con.execute(
            "select period_id, from_on, to_on from ref.period"
        ).fetchall()
    }
    cut: dict[tuple[str, str], Span] = {}
    known = indicators()
    for key in requirements(year):
        if key.period_id not in periods:
            continue
        first, last = periods[key.period_id]
        back = year.year - last.year
        until = same_day(day, back)
        if until < last and (back == 0 or known[key.indicator].shape in ACCUMULATES):
            cut[key.indicator, key.period_id] = (first, until)
    figures = {
        (unit, key): figure
        for (unit, key), figure in facts.figures.items()
        if (key.indicator, key.period_id) not in cut
    }
    for (indicator, period_id), (first, until) in cut.items():
        if first <= until:  # a period that has not begun has no figure
            for (unit, of, category), figure in spans[first, until].items():
                if of == indicator:
                    figures[unit, FigureKey(indicator, category, period_id)] = figure
    return replace(
        facts,
        figures=figures,
        corrections=tuple(c for c in facts.corrections if c.kind == "spot_check" and c.on and c.on <= day),
        points_rulings=(),
        late=tuple(r for r in facts.late if r.period_id in periods and periods[r.period_id][1] <= day),
        known_on=day,
    )


def _paces(asked: set[str], units: tuple[str, ...], day: date, spans: _Spans) -> dict[str, Pace]:
    """The pace of each indicator, from the assessed units in the years before that know both ends."""
    known = indicators()
    past: dict[str, list[tuple[Fraction, Fraction]]] = {name: [] for name in asked}
    growing = [name for name in asked if known[name].shape in ACCUMULATES]
    for back in range(1, YEARS_BACK + 1) if growing else ():
        first, until = date(day.year - back, 1, 1), same_day(day, back)
        reached, whole = spans[first, until], spans[first, date(day.year - back, 12, 31)]
        for name in growing:
            for unit in units:
                start, end = reached.get((unit, name, None)), whole.get((unit, name, None))
                if start and end and start.numerator is not None and end.numerator is not None:
                    past[name].append((start.numerator, end.numerator))
    return {name: pace(known[name].shape, past[name], day) for name in asked}


def _lights(found: Progress) -> Lights:
    lit = [(s.unit, s.light or "none") for s in found.standings if s.target is not None]

    def count(unit: str | None) -> dict[str, int]:
        of = [light for u, light in lit if unit in (u, None)]
        return {name: of.count(name) for name in ("green", "yellow", "red", "none")}

    return Lights(found.day, count(None), {unit: count(unit) for unit in sorted({u for u, _ in lit})})


def _rows(found: Progress) -> Iterator[tuple[object, ...]]:
    """Rows of `assess.progress`, in the order of its columns."""
    for s in found.standings:
        yield (
            found.day.year, found.day, s.unit, s.item, s.indicator, rounded(s.target), rounded(s.actual), s.state,
            rounded(s.pace.share) if s.pace else None, s.pace.basis if s.pace else None, rounded(s.expected), s.light,
            rounded(s.points), rounded(s.full), found.known_on,
        )  # fmt: skip
