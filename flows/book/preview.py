"""Preview rounds: the results of an open year, published under a number with a day until which objections are taken.

A preview is written, signed and chained like an edition, into `data/previews/<year>-<n>/`, and shows what it changed beside the one
before. It decides nothing: open matters stay open, and may be in it. Objections come as appeals (record kind `appeal`) that name its
number; `open.异议` shows which name one that there is not, or came too late. Refused: a year that is not scored, or with another scheme by
now; a day that is before the last delivery it rests on.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flows.book.close_year import OpenMatter, YearStaysOpen, manifest_of, show_books, unscored
from flows.book.write_book import write_book
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.database.connect import open_published
from flows.language import _
from flows.warehouse.books import ClosedBook, books
from flows.warehouse.publish import check
from flows.warehouse.verify import require


def publish_preview(
    paths: Paths, year: int, until: date, recorded_at: datetime, root: Path = ROOT
) -> ClosedBook:
    """Publish the next preview of a year; the caller holds the run's lock.

    Args:
        paths: the data folder.
        year: the assessed year.
        until: the last day on which objections are taken.
        recorded_at: for information only.
        root: where schemes are.

    Raises:
        YearStaysOpen: there is nothing to show, or no day to object on.
        TrustBroken: an earlier book or preview, or the ledger, was changed.
    """
    require(paths)
    number = 1 + sum(held.manifest.year == year for held in books(paths.previews))
    with open_published(paths.warehouse_file()) as con:
        matters = unscored(con, year, root)
        if not matters:
            manifest = manifest_of(con, year, number, None, recorded_at)
            matters = [_early(until, manifest.closed_on)] if until <= manifest.closed_on else []
        if matters:
            raise YearStaysOpen(year, matters)
        check(con)
        shown = manifest.model_copy(update={"kind": "preview", "until": until})
        made = write_book(con, paths, shown, root)
    show_books(paths)
    return made


def _early(until: date, known: date) -> OpenMatter:
    message = _(
        "objections until {until}, but data of {known} are in it: name a later day", until=until, known=known
    )
    return OpenMatter("until_too_early", message)
