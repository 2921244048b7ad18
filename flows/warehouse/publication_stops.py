"""What a publication waits for until a named person says that it is so: far fewer rows of a unit, kind and period than before,
cells that name what no other list has, where the contract says `broken: block`, or a delivery whose reader the system kills.

The build is held against the edition in place, and reports that are complete also against the same period a year before
(`sql/ask/publication_stops.sql`, limits in `data/reference/fall_limit.csv`). A first publication, one over what older code
made and one as of an earlier moment are held against nothing. A withdrawal is a decision of its own, which says what follows
and asks: it does not stop anything, but a file that takes the place of a larger one does, whoever sent it. What
was acknowledged holds for that edition and for no further fall; once published it is the past that later rows are held against.

A delivery that this machine cannot read is no small matter of its unit alone: what is missing moves the places of all its peers.
So nothing is published, be it the first edition or one as of an earlier moment, until it is read (more memory), withdrawn or
acknowledged; then the edition, `status`, `doctor` and the exit code of every run go on saying what it lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from flows.contract.paths import Paths
from flows.database.connect import attach_read_only, open_published, sql_text
from flows.ingest.delivery import china_time, written
from flows.ingest.ledger import VaultError
from flows.ingest.vault import Vault
from flows.language import _, later

_SHOWN = 15  # with what to do, one screen
_EVENT = "acknowledgement"
_AGAINST = {
    "publication": later("{before:,} rows last published, now {now:,}"),
    "reference": later("{before:,} → {now:,} cells that name what other lists do not have"),
    "unread": later(
        "the system kills its reader (mostly for want of memory) and it counts nowhere: make room, run again"
    ),
    "year": later("{before:,} rows a year before, now {now:,}"),
}


@dataclass(frozen=True)
class PublicationStop:
    """One reason to wait. File names are redacted, as in the warehouse."""

    against: str
    record: str
    sender: str
    unit_code: str
    covers_from: date
    covers_to: date
    rows_before: int
    rows_now: int
    unit: str
    label: str
    files: str | None
    files_before: str | None

    @property
    def address(self) -> list[str]:
        """What it is about, as the ledger has it."""
        span = self.covers_from.isoformat(), self.covers_to.isoformat()
        return [self.against, self.record, self.sender, self.unit_code, *span]

    @property
    def missing(self) -> int:
        """How many rows it is about."""
        return abs(self.rows_before - self.rows_now)

    def __str__(self) -> str:
        change = _(_AGAINST[self.against], before=self.rows_before, now=self.rows_now)
        files = self.files or _("no file")
        if self.files_before not in (None, self.files):
            files = _("{files}, was {before}", files=files, before=self.files_before)
        span = f"{self.covers_from}—{self.covers_to}"
        return f"{self.unit} {self.label} {span}: {change}; {files}"


class PublicationStopped(RuntimeError):
    """Nothing is published; the text is one screen: what fell, and what to do about it."""

    def __init__(self, found: Sequence[PublicationStop]) -> None:
        super().__init__("\n".join(screen(found)))


def screen(found: Sequence[PublicationStop]) -> list[str]:
    """What a publication waits for, and what to do, in lines; empty where nothing stops it."""
    if not found:
        return []
    more = len(found) - _SHOWN
    return [
        _("not published before somebody has looked at this; the last edition stays:"),
        *(f"  {stop}" for stop in found[:_SHOWN]),
        *([_("  … {n} more: union-assessment acknowledge", n=more)] if more > 0 else []),
        _("if it is so, acknowledge it and run again: union-assessment acknowledge --by NAME --reason WHY"),
        _("if not, have it sent again, or: union-assessment withdraw ID --reason WHY"),
    ]


def stops(con: duckdb.DuckDBPyConnection, paths: Paths, is_now: bool = True) -> list[PublicationStop]:
    """What the publication of a build (`con`) waits for, without what was acknowledged; falls, where it is about now."""
    said = {stop.record for stop in _asked(paths.warehouse_file(), "unread")}
    found = [stop for stop in _ask(con, "unread") if stop.record not in said]
    head = _head(paths)
    if is_now and head is not None:
        found += _falls(con, paths.warehouse_file())
    if not found:
        return []
    known = {tuple(line[:-1]): int(line[-1]) for line in _acknowledged(Vault(paths.vault), head)}
    return [stop for stop in found if stop.missing > known.get(tuple(stop.address), -1)]


def unread(paths: Paths) -> list[str]:
    """What the published edition lacks because it could not be read, a line each."""
    return [str(stop) for stop in _asked(paths.warehouse_file(), "unread")]


def _ask(con: duckdb.DuckDBPyConnection, query: str) -> list[PublicationStop]:
    return [PublicationStop(*row) for row in con.execute(sql_text("ask", query)).fetchall()]


def _asked(file: Path, query: str) -> list[PublicationStop]:
    try:
        with open_published(file) as con:
            return _ask(con, query)
    except (RuntimeError, duckdb.Error):  # there is none, or older code made it, without what is asked for
        return []


def _head(paths: Paths) -> str | None:
    """What the edition in place was made from; None where there is none, or older code made it."""
    try:
        with open_published(paths.warehouse_file()) as con:
            [(head,)] = con.execute("select ledger_head from meta.run").fetchall()
            return head and str(head)
    except (RuntimeError, duckdb.Error):
        return None


def _falls(con: duckdb.DuckDBPyConnection, edition: Path) -> list[PublicationStop]:
    """Where a build has far fewer rows than the edition in place, or than the year before."""
    attach_read_only(con, edition, "before")
    try:
        _count(con)
        return _ask(con, "publication_stops")
    except (duckdb.CatalogException, duckdb.BinderException):  # older code made it, without what is asked for
        return []
    finally:
        con.execute("detach before")


def _count(con: duckdb.DuckDBPyConnection) -> None:
    """Accepted rows of every part and unit, of both databases."""
    con.execute(
        "create or replace temporary table counted (is_now boolean, part_id bigint, unit_code varchar, accepted bigint)"
    )
    tables = con.execute(
        "select database_name, table_name, database_name <> 'before' from duckdb_tables() "
        "where schema_name = 'core' and database_name in (current_database(), 'before')"
    ).fetchall()
    for database, table, is_now in tables:
        con.execute(
            f'insert into counted select {is_now}, part_id, unit_code, count(*) from "{database}".core."{table}" '
            "where row_state = 'accepted' group by all"
        )


def stops_at_hand(paths: Paths) -> list[PublicationStop]:
    """What the next publication waits for, by the build there is; nothing while a run writes it."""
    try:
        with open_published(paths.build_file()) as con:
            return stops(con, paths)
    except (RuntimeError, duckdb.Error):  # none, in use, or broken: said elsewhere
        return []


def acknowledge(paths: Paths, found: Sequence[PublicationStop], by: str, reason: str, at: datetime) -> None:
    """Record in the ledger that a named person knows why it is so; the caller holds the run's lock."""
    if not by.strip() or not reason.strip():
        raise VaultError(_("an acknowledgement needs a name and a reason: they will be asked for"))
    line = {"event": _EVENT, "by": by.strip(), "reason": reason.strip(), "at": written(china_time(at))}
    lines = [[*stop.address, stop.missing] for stop in found]
    Vault(paths.vault).chain.append([line | {"edition": _head(paths), "stops": lines}])


def _acknowledged(vault: Vault, head: str | None) -> list[list[str]]:
    """Address and number of rows of everything that was acknowledged of an edition, in order."""
    events = [e for e in vault.events() if e["event"] == _EVENT and e["edition"] == head]
    out: list[list[str]] = []
    for event in events:
        out += event["stops"]  # type: ignore[arg-type]
    return out
