"""Closing a year: the published results become an edition, or the list of what has to be settled first.

Decides by what is in the published warehouse alone: its findings, its open items, the day its data are known up to. Places and grades are
derived from the published totals once more (`assess/places_again.py`): one that does not follow is not closed. What nobody has ruled yet (an
appeal, a bonus, an event under appeal, a grade that can still move) keeps the year open too, unless a person names each of them (`despite`):
names, reason and who decided it stand in the manifest and in the vault's anchor.
A scheme folder that is not the one the results were scored with keeps the year open, because the edition would name
rules that did not give its points. The edition is then also shown in the warehouse in place, which is copied and
swapped like any other, so that `book.*` is there before the next run.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from flows.assess.fact_queries import known_on
from flows.assess.places_again import differences_again
from flows.book.write_book import write_book
from flows.contract.catalogue import ROOT, records
from flows.contract.paths import Paths
from flows.database.connect import open_for_writing, open_published
from flows.ingest.lock import login
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
    place: str | None = None  # which it is, where it may be closed over

    @property
    def key(self) -> str | None:
        """By what it is named to close over it; None where it has to be settled."""
        return None if self.place is None else f"{self.code}:{self.unit}:{self.place}"


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
    by: str | None = None,
    despite: Collection[str] = (),
) -> book.ClosedBook:
    """Close a year of the published warehouse; the caller holds the run's lock.

    Args:
        paths: of the data folder.
        year: that is closed.
        recorded_at: when.
        reason: why; needed with `again` and `despite`.
        again: the next edition of a closed year.
        root: where schemes are.
        by: who decides; needed with `despite`, default the login.
        despite: keys of matters that nobody has decided and that the year is closed over.

    Returns:
        The book.

    Raises:
        YearStaysOpen: everything that has to be settled.
        TrustBroken: an earlier edition or the ledger was changed.
    """
    require(paths)
    number = 1 + sum(held.manifest.year == year for held in book.books(paths.books))
    if matter := _number_matter(year, number, again):
        raise YearStaysOpen(year, [matter])
    warehouse = paths.warehouse_file()
    with open_published(warehouse) as con:
        matters = _unsettled(con, year, root)
        passed = _passed_over(year, matters, despite, by, reason)
        if left := [m for m in matters if m not in passed]:
            raise YearStaysOpen(year, left)
        check(con)
        manifest = manifest_of(con, year, number, reason, recorded_at)
        decided = {
            "by": login() if by is None else by.strip(),
            "despite": [f"{m.key} {m.message}" for m in passed],
        }
        made = write_book(con, paths, manifest.model_copy(update=decided), root)
    show_books(paths)
    return made


def _passed_over(
    year: int, matters: Sequence[OpenMatter], despite: Collection[str], by: str | None, reason: str | None
) -> list[OpenMatter]:
    """The matters that somebody names to close over them; a name that none of them has is refused."""
    if not despite:
        return []
    if not (by or "").strip() or not (reason or "").strip():
        raise ValueError(_("--despite needs --by and --reason: who decided to close over it, and why"))
    keys = {m.key: m for m in matters if m.key}
    if unknown := sorted(set(despite) - set(keys)):
        raise ValueError(
            _(
                "{year}: nothing open is called {names}; what may be closed over: {keys}",
                year=year,
                names=", ".join(unknown),
                keys=", ".join(filter(None, keys)) or "—",
            )
        )
    return [keys[key] for key in dict.fromkeys(despite)]


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


def unscored(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> list[OpenMatter]:
    """Why there is nothing of a year to close or to show: it is not scored, or its scheme is another by now."""
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
    if load_year(year, root).fingerprint == scored[0]:
        return []
    message = _(
        "data/scheme/{year} is not the scheme the results were scored with: run "
        "`union-assessment run --year {year}`, or put the folder back",
        year=year,
    )
    return [OpenMatter("other_scheme", message)]


def _unsettled(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> list[OpenMatter]:
    """Everything that keeps a year open: other scheme, error findings, open items, provisional results."""
    matters = unscored(con, year, root)
    if matters and matters[0].code == "not_scored":
        return matters
    if not matters:
        matters = [
            OpenMatter(
                f"{what}_differs",
                _(
                    "published {published}, but by the published totals and the scheme it is {found}: run the year again, and "
                    "`union-assessment verify`",
                    published=published,
                    found=found,
                ),
                unit,
            )
            for unit, what, published, found in differences_again(con, load_year(year, root))
        ]
    query = (root / "sql" / "book" / "unsettled.sql").read_text(encoding="utf-8")
    rows = con.execute(query, {"year": year}).fetchall()
    return matters + [
        OpenMatter(code, message, unit, item, place if may_stay else None)
        for _step, code, unit, item, message, may_stay, place in rows
    ]


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


def show_books(paths: Paths) -> None:
    """Put the warehouse in place anew, with the editions and previews there are now."""
    paths.temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = paths.temporary / "closing.duckdb"
    copy.unlink(missing_ok=True)
    shutil.copyfile(paths.warehouse_file(), copy)
    try:
        with open_for_writing(copy) as con:
            book.carry(con, paths.books, paths.previews)
            describe(con, records())
            check(con)
            con.execute("checkpoint")
        put_in_place(paths, copy)
    finally:
        copy.unlink(missing_ok=True)
