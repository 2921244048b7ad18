"""What the published warehouse says of a scored year, gathered once for the page, the workbook and the screen.

Nothing is reckoned here that decides anything: points, places and states are the warehouse's own, by the queries of
`sql/results/`. A year that is not scored is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from flows.contract.catalogue import ROOT, ContractError
from flows.database.connect import open_published, sql_text
from flows.language import _
from flows.report.whatif_text import move_words
from flows.score.engine.facts import Facts
from flows.score.explain.format import number
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.score.scheme.scheme_model import Objections
from flows.score.whatif.item_lift import item_lifts
from flows.warehouse.books import ClosedBook
from flows.warehouse.published_inputs import known_facts
from flows.warehouse.published_scores import NotScored

#: A row of a query of `sql/results/`, by the names of its columns.
Row = Mapping[str, Any]


#: How a report stands, in the words of open.报送日程, and as pages and workbooks tell states apart.
_STATES = {"准时": "in_time", "迟报": "late", "搁置": "held", "未报齐": "missing", "未报": "missing"}


class Report(NamedTuple):
    """A report that was due: of which kind and period, and how it stands (`in_time`, `late`, `held`, `missing`)."""

    unit: str
    kind: str
    period: str
    due_on: date
    state: str
    days_late: int


class Lift(NamedTuple):
    """What would give an item its most: further records of an indicator, in words, and the points it gains."""

    indicator: str
    further: str
    change: str
    gain: Fraction

    def __str__(self) -> str:
        further = self.further if self.further.startswith("减少") else f"增加{self.further}"
        return f"{self.indicator}{self.change}（再{further}），本项可增{number(self.gain, 2)}分"


@dataclass(frozen=True)
class YearResults:
    """A scored year. Rows by unit are in the order of their queries; the last three come from the scheme and its facts.

    `lifts` are by unit and item, and only there where they were asked for.
    """

    year: int
    scheme: Row
    years: tuple[int, ...]
    known_on: date | None
    ranking: tuple[Row, ...]
    items: Mapping[str, tuple[Row, ...]]
    series: Mapping[tuple[str, str], Mapping[int, Decimal | None]]
    gates: Mapping[str, str]
    ledger: Mapping[str, tuple[Row, ...]]
    open_matters: tuple[Row, ...]
    deliveries: Mapping[str, tuple[Row, ...]]
    changes: Mapping[str, str]
    moves: tuple[Row, ...]
    highlights: Mapping[str, tuple[Row, ...]]
    reports: tuple[Report, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    objections: Objections | None = None
    book: ClosedBook | None = None  # that letters name
    lifts: Mapping[tuple[str, str], Lift] = field(default_factory=dict)

    @property
    def preview(self) -> ClosedBook | None:
        """The last preview of a year that is not closed."""
        return self.book if self.book and self.book.manifest.kind == "preview" else None

    def leaves(self, unit: str) -> list[Row]:
        """The items that are scored themselves."""
        return [item for item in self.items[unit] if item["is_leaf"]]

    def group(self, group_id: str) -> str:
        """What a group is called."""
        return self.groups.get(group_id, group_id)


def scored_years(warehouse: Path) -> tuple[int, ...]:
    """The years that the published warehouse has results of."""
    with open_published(warehouse) as con:
        return tuple(
            y for (y,) in con.execute("select distinct year from assess.result order by year").fetchall()
        )


def year_results(warehouse: Path, year: int, root: Path = ROOT, is_lifted: bool = False) -> YearResults:
    """All of a scored year; `is_lifted`: with what would lift each item, which takes as long as a scoring or two.

    Raises `NoWarehouse`, or `NotScored` where the warehouse has no results of the year, or is of older code.
    """
    with open_published(warehouse) as con:

        def rows(name: str) -> tuple[Row, ...]:
            try:
                return tuple(_rows(con, name, year))
            except (duckdb.CatalogException, duckdb.BinderException):
                raise NotScored(
                    _("what is published was made by an older version: run the year again")
                ) from None

        ranking = rows("ranking")
        if not ranking:
            raise NotScored(_("no results of {year}: run the year first", year=year))
        schemes = rows("years")
        [(known_on,)] = con.execute(
            "select cast(coalesce(as_of, last_received_at) as date) from meta.run"
        ).fetchall() or [(None,)]
        series: dict[tuple[str, str], dict[int, Decimal | None]] = {}
        for row in rows("series"):
            shown = row["value"] if row["state"] in ("value", "zero") else None
            series.setdefault((row["unit_code"], row["indicator_id"]), {})[row["scored_year"]] = shown
        found = YearResults(
            year,
            schemes[-1],
            tuple(s["year"] for s in schemes),
            known_on,
            ranking,
            _by_unit(rows("items")),
            series,
            {row["unit_code"]: row["labels"] for row in rows("gates")},
            _by_unit(rows("ledger")),
            rows("open_matters"),
            _by_unit(rows("deliveries")),
            {row["unit_code"]: row["words"] for row in rows("changes")},
            rows("moves"),
            _by_unit(rows("highlights")),
            tuple(map(_report, rows("due"))),
        )
    return _with_scheme(found, warehouse, root, is_lifted)


def _report(row: Row) -> Report:
    """A report as it stands; one whose tables stop short says how far they reach."""
    state = _STATES[row["state_label"]]
    reached = f"，只报到{row['reached_on']}" if row["state_label"] == "未报齐" else ""
    return Report(
        row["unit_code"],
        row["record_label"],
        row["period_label"] + reached,
        row["due_on"],
        state,
        row["days_late"],
    )


def _with_scheme(found: YearResults, warehouse: Path, root: Path, is_lifted: bool) -> YearResults:
    """What only the scheme's folder says: names of groups, how to object, what would lift."""
    try:
        scheme = load_year(found.year, root)
    except ContractError:
        return found
    return replace(
        found,
        groups=dict(scheme.scheme.groups),
        objections=scheme.scheme.objections,
        lifts=_lifts(scheme, known_facts(warehouse, scheme, root)) if is_lifted else {},
    )


def _lifts(scheme: SchemeYear, facts: Facts) -> Mapping[tuple[str, str], Lift]:
    return {
        (unit, lift.item): Lift(
            *move_words(facts, unit, ((lift.increment, lift.records),), lift.increment),
            lift.gain,
        )
        for unit, lifts in item_lifts(scheme, facts).items()
        for lift in lifts
    }


def _rows(con: duckdb.DuckDBPyConnection, name: str, year: int) -> Iterator[Row]:
    found = con.execute(sql_text("results", name), {"year": year})
    names = [column[0] for column in found.description]
    return (dict(zip(names, values, strict=True)) for values in found.fetchall())


def _by_unit(rows: tuple[Row, ...]) -> dict[str, tuple[Row, ...]]:
    return {unit: tuple(of) for unit, of in groupby(rows, key=lambda row: row["unit_code"])}
