"""Closing a year: the published results become an edition, or the list of what has to be settled first.

Decides by what is in the published warehouse alone: its findings, its open items, the day its data are known up to.
A scheme folder that is not the one the results were scored with keeps the year open, because the edition would name
rules that did not give its points. The edition is then also shown in the warehouse in place, which is copied and
swapped like any other, so that `book.*` is there before the next run.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from flows.assess.fact_queries import known_on
from flows.book.write_book import write_book
from flows.contract.catalogue import ROOT, records
from flows.contract.paths import Paths
from flows.database.connect import open_for_writing, open_published
from flows.language import _
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse import books as book
from flows.warehouse.describe import describe
from flows.warehouse.publish import check, put_in_place
from flows.warehouse.verify import require


@dataclass(frozen=True)
class OpenMatter:
    """One matter that keeps a year open."""

    code: str
    message: str
    unit: str | None = None
    item: str | None = None


class YearStaysOpen(RuntimeError):
    """The year was not closed; `matters` are the reasons, in the order in which they are best settled."""

    def __init__(self, year: int, matters: list[OpenMatter]) -> None:
        super().__init__(_("{year} stays open: {n} matters to settle first", year=year, n=len(matters)))
        self.matters = matters


def close(
    paths: Paths,
    year: int,
    recorded_at: datetime,
    reason: str | None = None,
    again: bool = False,
    root: Path = ROOT,
) -> book.ClosedBook:
    """Close a year of the published warehouse; the caller holds the run's lock.

    Raises `YearStaysOpen` with everything that has to be settled, `TrustBroken` where an earlier edition or the
    ledger was changed.
    """
    require(paths)
    number = 1 + sum(held.manifest.year == year for held in book.books(paths.books))
    if matter := _number_matter(year, number, again):
        raise YearStaysOpen(year, [matter])
    warehouse = paths.warehouse_file()
    with open_published(warehouse) as con:
        if matters := _unsettled(con, year, root):
            raise YearStaysOpen(year, matters)
        check(con)
        made = write_book(con, paths, manifest_of(con, year, number, reason, recorded_at), root)
    _show(paths, warehouse)
    return made


def _number_matter(year: int, number: int, again: bool) -> OpenMatter | None:
    if number > 1 and not again:
        return OpenMatter(
            "closed_already",
            _(
                "edition {year}-{number} is there; to decide anew use --again with a --reason",
                year=year,
                number=number - 1,
            ),
        )
    if number == 1 and again:
        return OpenMatter(
            "never_closed", _("there is no edition of {year} yet: leave out --again", year=year)
        )
    return None


def _unsettled(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> list[OpenMatter]:
    """Everything that keeps a year open: other scheme, error findings, open items, provisional results."""
    scored = con.execute("select fingerprint from ref.scheme where year = $year", {"year": year}).fetchone()
    counted = con.execute("select count(*) from assess.result where year = $year", {"year": year}).fetchone()
    if scored is None or counted == (0,):
        return [
            OpenMatter(
                "not_scored",
                _(
                    "the warehouse has no results of {year}: run `union-assessment run --year {year}` first",
                    year=year,
                ),
            )
        ]
    matters = []
    if load_year(year, root).fingerprint != scored[0]:
        matters.append(
            OpenMatter(
                "other_scheme",
                _(
                    "data/scheme/{year} is not the scheme the results were scored with: run "
                    "`union-assessment run --year {year}`, or put the folder back",
                    year=year,
                ),
            )
        )
    query = (root / "sql" / "book" / "unsettled.sql").read_text(encoding="utf-8")
    rows = con.execute(query, {"year": year}).fetchall()
    return matters + [OpenMatter(code, message, unit, item) for _, code, unit, item, message in rows]


def manifest_of(
    con: duckdb.DuckDBPyConnection, year: int, number: int, reason: str | None, recorded_at: datetime
) -> book.Manifest:
    """What the manifest of a year says before anything is written."""
    [(scheme, fingerprint)] = con.execute(
        "select scheme, fingerprint from ref.scheme where year = $year", {"year": year}
    ).fetchall()
    [(code, deliveries, last)] = con.execute(
        "select code_fingerprint, deliveries, last_received_at from meta.run"
    ).fetchall()
    return book.Manifest(
        year=year,
        edition=number,
        closed_on=known_on(con),
        recorded_at=recorded_at,
        reason=reason,
        scheme=scheme,
        scheme_fingerprint=fingerprint,
        code_fingerprint=code,
        deliveries=deliveries,
        last_received_at=last,
        rows={},
    )


def _show(paths: Paths, warehouse: Path) -> None:
    """Put the warehouse in place anew, with the editions there are now."""
    paths.temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = paths.temporary / "closing.duckdb"
    copy.unlink(missing_ok=True)
    shutil.copyfile(warehouse, copy)
    try:
        with open_for_writing(copy) as con:
            book.carry(con, paths.books)
            describe(con, records())
            check(con)
            con.execute("checkpoint")
        put_in_place(paths, copy)
    finally:
        copy.unlink(missing_ok=True)
