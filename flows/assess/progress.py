"""Where units stand within a year: its scheme applied to what had happened by a day, beside the pace of past years.

The engine is the same as for the whole year; only the figures end earlier. A period of the scheme that is not over ends
with the day, and one of a past year that grows in the same way ends with the same day of its own year, so that growth
compares like with like. Decisions about the year's figures (verified, ruled, appealed) are about the whole year
and stay out, points ruled on appeal too; what a spot check took off by that day stays. What is known is what the
database knows: a report that came later counts for the day it is about. What was known then is a build as of then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import duckdb

from flows.assess.fact_queries import known_on, read_facts, read_spans
from flows.assess.result_tables import row
from flows.assess.scheme_gate import admit
from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.contract.paths import Paths
from flows.database.connect import METRIC_MEMORY, insert_rows, open_build, open_published
from flows.database.seal import seal
from flows.metrics.values import Span
from flows.score.engine.facts import Facts, Figure, FigureKey, State
from flows.score.engine.result import ItemScore
from flows.score.engine.scoring import score
from flows.score.rag_status import (
    ACCUMULATES,
    YEARS_BACK,
    ExpectedShare,
    RagStatus,
    expected_share,
    rag_status,
    same_day,
)
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear, years
from flows.score.scheme.scheme_model import PaceMarks

_SpanFigures = Mapping[Span, Mapping[tuple[str, str, str | None], Figure]]


@dataclass(frozen=True)
class ItemProgress:
    """A unit and leaf on a day; amounts in the unit of the indicator, `expected` is `pace` of the target."""

    unit: str
    item: str
    indicator: str | None
    state: State
    target: Fraction | None
    actual: Fraction | None
    pace: Fraction | None
    pace_basis: str | None
    expected: Fraction | None
    light: RagStatus | None
    points: Fraction | None
    full: Fraction


@dataclass(frozen=True)
class Progress:
    """All units on a day, with the names to show them by; `known_on` is how far the deliveries reach."""

    day: date
    known_on: date | None
    entries: tuple[ItemProgress, ...]
    units: Mapping[str, str]  # code → short name
    items: Mapping[str, str]  # id → label, in the order of the scheme


@dataclass(frozen=True)
class RagCounts:
    """How many items with a target have which light on a day, in all and by unit; `none` where there is no figure."""

    day: date
    total: dict[str, int]
    by_unit: dict[str, dict[str, int]]


def ask_progress(warehouse: Path, day: date, root: Path = ROOT) -> Progress:
    """Progress as a published warehouse gives it; nothing is written."""
    with open_published(warehouse) as con:
        return progress(con, day, root)


def keep_progress(paths: Paths, day: date, root: Path = ROOT) -> RagCounts | None:
    """Compute the progress of a day in the build and keep it in `assess.progress`; None for a year without a scheme.

    Rows of other days stay as they were computed: `known_on` says from what.
    """
    if day.year not in years(root):
        return None
    with open_build(paths, memory=METRIC_MEMORY) as con:
        con.execute("begin")
        on_day = progress(con, day, root)
        con.execute("delete from assess.progress where on_day = $day", {"day": day})
        columns = con.table("assess.progress").columns
        rows = [row(e, year=day.year, on_day=day, known_on=on_day.known_on) for e in on_day.entries]
        insert_rows(con, "assess.progress", columns, [tuple(r[c] for c in columns) for r in rows])
        seal(con, "assess")
        con.execute("commit")
        return _rag_counts(on_day)


def progress(con: duckdb.DuckDBPyConnection, day: date, root: Path = ROOT) -> Progress:
    """Where every unit stands on a day of the year the day is in; `ContractError` where that year has no scheme."""
    year = admit(con, day.year, root).year
    facts = read_facts(con, year, root, day)
    sql = "select period_id, from_on, to_on from ref.period"
    periods = {period: (first, last) for period, first, last in con.execute(sql).fetchall()}
    cut = _cut(year, periods, day)
    shapes = {
        leaf.indicator: indicators(root)[leaf.indicator].shape
        for leaf in year.scheme.leaves
        if leaf.indicator
    }
    needed = {name for name, shape in shapes.items() if shape in ACCUMULATES} | {name for name, _ in cut}
    past = [_past(day, back) for back in range(1, YEARS_BACK + 1)]
    begun = (span for span in cut.values() if span[0] <= span[1])
    figures = read_spans(con, needed, {*begun, *(span for both in past for span in both)}, root)
    scored = score(year, _by_day(facts, periods, cut, figures, day), on=day)
    shares = {
        name: expected_share(shape, _reached(name, facts.units, past, figures), day)
        for name, shape in shapes.items()
    }
    leaves = {item.id: item.label for item in year.scheme.leaves}
    entries = tuple(
        _entry(s, shares, year.scheme.pace)
        for s in scored.items
        if s.item in leaves and (s.target is not None or s.points is not None)
    )
    return Progress(day, known_on(con), entries, facts.names, leaves)


def _cut(year: SchemeYear, periods: Mapping[str, Span], day: date) -> dict[tuple[str, str], Span]:
    """What is left of the periods that are not over by the day: (indicator, period) → days; backwards if it has not begun."""
    out = {}
    for key in required_figures(year):
        if key.period_id not in periods:
            continue
        first, last = periods[key.period_id]
        back = year.year - last.year
        until = same_day(day, back)
        if until < last and (back == 0 or indicators()[key.indicator].shape in ACCUMULATES):
            out[key.indicator, key.period_id] = (first, until)
    return out


def _by_day(
    facts: Facts,
    periods: Mapping[str, Span],
    cut: Mapping[tuple[str, str], Span],
    span_figures: _SpanFigures,
    day: date,
) -> Facts:
    """The facts that had come by the day, with every period cut off at it, and without decisions about the whole year."""
    figures = {
        (unit, key): figure
        for (unit, key), figure in facts.figures.items()
        if (key.indicator, key.period_id) not in cut
    }
    for (indicator, period_id), span in cut.items():
        for (unit, of, category), figure in span_figures.get(span, {}).items():
            if of == indicator:
                figures[unit, FigureKey(indicator, category, period_id)] = figure
    return replace(
        facts,
        figures=figures,
        corrections=tuple(c for c in facts.corrections if c.kind == "spot_check" and c.on and c.on <= day),
        points_rulings=(),
        known_on=day,
    )


def _past(day: date, back: int) -> tuple[Span, Span]:
    """The days of an earlier year up to the same day, and all of them."""
    first = date(day.year - back, 1, 1)
    return (first, same_day(day, back)), (first, date(first.year, 12, 31))


def _reached(
    name: str, units: tuple[str, ...], past: list[tuple[Span, Span]], figures: _SpanFigures
) -> Iterator[tuple[Fraction, Fraction]]:
    """What each assessed unit had reached of an indicator by the day in each past year, and in the whole of it."""
    for by_then, whole in past:
        for unit in units:
            start, end = figures[by_then].get((unit, name, None)), figures[whole].get((unit, name, None))
            if start and end and start.numerator is not None and end.numerator is not None:
                yield start.numerator, end.numerator


def _entry(score: ItemScore, shares: Mapping[str, ExpectedShare], marks: PaceMarks) -> ItemProgress:
    """An item's score as of the day, beside what was expected where there is a target."""
    state: State = score.state
    if score.actual is not None and state in ("value", "zero"):
        state = "value" if score.actual else "zero"  # of the figure: a rule may make zero of it
    has_target = score.indicator is not None and score.target is not None
    share = shares[score.indicator or ""] if has_target else None
    expected = (score.target or 0) * share.share if share else None
    direction = indicators()[score.indicator or ""].direction if has_target else "none"
    return ItemProgress(
        unit=score.unit,
        item=score.item,
        indicator=score.indicator,
        state=state,
        target=score.target,
        actual=score.actual,
        pace=share.share if share else None,
        pace_basis=share.basis if share else None,
        expected=expected,
        light=rag_status(score.actual, expected, direction, marks),
        points=score.points,
        full=score.full,
    )


def _rag_counts(on_day: Progress) -> RagCounts:
    by_unit: dict[str, Counter[str]] = {}
    for entry in on_day.entries:
        if entry.target is not None:
            by_unit.setdefault(entry.unit, Counter())[entry.light or "none"] += 1

    def named(counts: Counter[str]) -> dict[str, int]:
        return {name: counts[name] for name in ("green", "yellow", "red", "none")}

    total = sum(by_unit.values(), start=Counter[str]())
    return RagCounts(on_day.day, named(total), {unit: named(by_unit[unit]) for unit in sorted(by_unit)})
