"""Editions of closed years: what was decided, kept as files outside the warehouse and carried into every later one.

`data/books/<year>-<edition>/` holds one Parquet file per table, what `flows/book` puts beside them, `edition.json` (from what it
was made, how many rows, the hash of each file) and `SHA256SUMS` (any auditor's `sha256sum -c` reads it). An edition is
never changed. Its fingerprint goes into the vault's anchor before it shows. Every run
compares every byte, also with the anchor, before editions are copied
into `book.*`, and refuses an edition that was changed, is incomplete, was not closed here or is gone: what was decided is no
computation that could be repeated. What older code wrote stays as it is; columns it did not know are NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import Field, ValidationError

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.contract.record import Strict
from flows.database.connect import insert_named, insert_rows, literal, run_file
from flows.ingest.chain import Chain
from flows.ingest.closed_file import sha256_of, sync_folder
from flows.ingest.ledger import RESTORE
from flows.language import _, later

MANIFEST, SIGNATURE, SUMS = "edition.json", "edition.sig", "SHA256SUMS"
#: Before the number of a preview.
PREVIEW = "预"
_FOLDER = re.compile(r"(\d{4})-([1-9]\d*)")
_SUM = re.compile(r"([0-9a-f]{64})  (?!/|.*\.\.)([^\\\n]+)")


Kind = Literal["book", "preview"]


class BookDamaged(RuntimeError):
    """An edition on disk is not what was closed; the text names the file and says what to do."""


class Manifest(Strict):
    """`edition.json`. The day it was closed on is that of the data; `recorded_at` is for information only."""

    year: int
    edition: int
    closed_on: date  # day up to which deliveries were known
    recorded_at: datetime
    reason: str | None
    scheme: str
    scheme_fingerprint: str
    code_fingerprint: str
    deliveries: int
    last_received_at: datetime
    rows: dict[str, int]  # by table
    # what older code did not say
    kind: Kind = "book"
    previous: str | None = None  # SHA-256 of the manifest of the edition before
    version: str | None = None  # of the code, and the SHA-256 of all of it
    code: str | None = None
    signed_by: str | None = None  # SHA-256 of the public key
    by: str | None = None  # who closed it
    despite: list[str] = Field(
        default_factory=list
    )  # what nobody had decided and it was closed over, by name
    until: date | None = None  # of a preview: the last day on which objections are taken
    beside: dict[str, int] = Field(
        default_factory=dict
    )  # rows of the tables that only the folder has: names and deliveries
    files: dict[str, str] = Field(
        default_factory=dict
    )  # SHA-256 of every file but the manifest, its signature and the sums


@dataclass(frozen=True)
class ClosedBook:
    """One edition on disk. `fingerprint` is the SHA-256 of its `SHA256SUMS`: it stands for every byte of the edition."""

    folder: Path
    manifest: Manifest
    sums: Mapping[str, str]
    fingerprint: str

    @property
    def name(self) -> str:
        """Year and number, as its folder is called."""
        return self.folder.name

    @property
    def label(self) -> str:
        """What people call it: 2015-1, and of a preview 2015-预1."""
        m = self.manifest
        return self.name if m.kind == "book" else f"{m.year}-{PREVIEW}{m.edition}"

    @property
    def manifest_hash(self) -> str:
        """SHA-256 of the manifest: what is signed, what the next edition says of this one, what letters print."""
        return self.sums[MANIFEST]

    def file(self, table: str) -> Path:
        """Where a table of the edition is."""
        return self.folder / f"{table}.parquet"


def _sources(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Table of `book` → relation it is closed from: all of `assess` and `ref` that has a year, and the values.

    `assess.progress` stays out: where units stood within the year decided nothing.
    """
    rows = con.execute(
        "select c.table_name, c.schema_name from duckdb_columns() as c "
        "join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.column_name = 'year' and c.schema_name in ('assess', 'ref') and c.table_name <> 'progress' "
        "and c.database_name = current_database() order by c.table_name"
    ).fetchall()
    return {table: f"{schema}.{table}" for table, schema in rows} | {
        "value": "(select cast(null as smallint) as year, * from metric.value)",
        "restatement": "(select cast(null as integer) as preview, * from meta.restatement)",
    }


def books(folder: Path) -> list[ClosedBook]:
    """All editions in `data/books`, by year and number, every byte compared; `BookDamaged` otherwise."""
    found = sorted(
        ((int(m[1]), int(m[2]), path) for path in folder.glob("*") if (m := _FOLDER.fullmatch(path.name))),
        key=lambda entry: entry[:2],
    )
    held: dict[int, int] = {}
    for year, number, path in found:
        if number != held.get(year, 0) + 1:
            raise BookDamaged(
                _(
                    "{path} is missing, though {name} is there: {cure}",
                    path=folder / f"{year}-{number - 1}",
                    name=path.name,
                    cure=_(RESTORE),
                )
            )
        held[year] = number
    return [read_book(path, year, number) for year, number, path in found]


def latest(paths: Paths, year: int) -> ClosedBook | None:
    """The last edition of a year; before its close the last preview."""
    for folder in (paths.books, paths.previews):
        if held := [book for book in books(folder) if book.manifest.year == year]:
            return held[-1]
    return None


def read_book(folder: Path, year: int, number: int) -> ClosedBook:
    """One edition, compared with its sums."""
    sums_file = folder / SUMS
    sums = dict(_sums(sums_file))
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()} - {SUMS}
    if lost := sorted(set(sums) - there):
        raise BookDamaged(_("{path} is missing: {cure}", path=folder / lost[0], cure=_(_CURE)))
    if more := sorted(there - set(sums)):
        raise BookDamaged(
            _("{path} does not belong to the edition: move it somewhere else", path=folder / more[0])
        )
    for name, expected in sums.items():
        if sha256_of(folder / name) != expected:
            raise BookDamaged(
                _("{path} was changed since the year was closed: {cure}", path=folder / name, cure=_(_CURE))
            )
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError as error:
        raise BookDamaged(
            _("{path} was written by newer code: update this one", path=folder / MANIFEST)
        ) from error
    if (manifest.year, manifest.edition) != (year, number):
        raise BookDamaged(
            _(
                "{folder} holds edition {year}-{edition}: give the folder its name back",
                folder=folder,
                year=manifest.year,
                edition=manifest.edition,
            )
        )
    return ClosedBook(folder, manifest, sums, sha256_of(sums_file))


_CURE = later(
    "put it back from a backup (union-assessment restore DIR). An edition is never corrected; what is decided anew becomes "
    "the next one (union-assessment close YEAR --again --reason …)"
)


def _sums(path: Path) -> Iterator[tuple[str, str]]:
    """(file, SHA-256) as `sha256sum` writes them."""
    if not path.exists():
        raise BookDamaged(_("{path} is missing: {cure}", path=path, cure=_(_CURE)))
    for line in path.read_bytes().decode("utf-8", "replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None:
            raise BookDamaged(
                _("{path} was changed since the year was closed: {cure}", path=path, cure=_(_CURE))
            )
        yield match[2], match[1]


def unlike(chain: Chain, folder: Path, kind: Kind = "book") -> Iterator[tuple[Path, BookDamaged]]:
    """Editions (or previews) that are not those that the vault's anchor knows, each with what is wrong with it.

    Those of before there was an anchor are taken up as they are, by the first publication that it notes.
    """
    known = {str(e["name"]): str(e["fingerprint"]) for e in chain.noted(kind)}
    is_first = not chain.noted("published")
    for name in sorted(known.keys() | {p.name for p in folder.glob("*") if _FOLDER.fullmatch(p.name)}):
        try:
            _compare(folder / name, known.get(name), is_first)
        except BookDamaged as error:
            yield folder / name, error


def _compare(place: Path, known: str | None, is_first: bool) -> None:
    if not place.exists():
        raise BookDamaged(_("{place} is gone: {cure}", place=place, cure=_(_CURE)))
    year, number = map(int, place.name.split("-"))
    fingerprint = read_book(place, year, number).fingerprint
    if known is None and not is_first:
        raise BookDamaged(_("{place} was not closed here: move it somewhere else", place=place))
    if known not in (None, fingerprint):
        raise BookDamaged(_("{place} is not the edition that was closed: {cure}", place=place, cure=_(_CURE)))


def finish(chain: Chain, folder: Path, kind: Kind = "book") -> None:
    """Let an edition show that was written and noted when its close was cut off."""
    for noted in chain.noted(kind):
        name = str(noted["name"])
        fresh, place = folder / f".{name}.new", folder / name
        sums = fresh / SUMS
        if not place.exists() and sums.exists() and sha256_of(sums) == noted["fingerprint"]:
            fresh.rename(place)
            sync_folder(folder)


def note(chain: Chain, name: str, fingerprint: str, kind: str = "book", **decided: object) -> None:
    """Keep an edition's fingerprint in the vault's anchor, once, with who decided it and why."""
    if all(known["name"] != name for known in chain.noted(kind)):
        chain.note({"event": kind, "name": name, "fingerprint": fingerprint} | decided)


def selects(con: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    """What of each source belongs to a year: its rows, and the values of the year and of every period it was scored by."""
    out = {
        table: f"select * from {source} where year = {year}"
        for table, source in _sources(con).items()
        if table
        not in (
            "value",
            "restatement",
        )  # the latter is what the publication before differs in, not the edition
    }
    return out | {
        "value": f"select cast({year} as smallint) as year, v.* from metric.value as v where v.period_id = '{year}' "
        f"or v.period_id in (select period_id from assess.figure where year = {year})"
    }


def carry(
    con: duckdb.DuckDBPyConnection, folder: Path, previews: Path | None = None, root: Path = ROOT
) -> list[ClosedBook]:
    """Compare all editions and copy them unchanged into `book.*` of a database, replacing what is there; of previews only which there
    are, until when, and what each changed."""
    held, shown = books(folder), books(previews) if previews else []
    con.execute("create schema if not exists book")
    today = _sources(con)
    for table in sorted({*today, *(name for book in held for name in book.manifest.rows)}):
        parts = [
            f"select {book.manifest.edition} as edition, * from {_parquet(book, table)}"
            for book in held
            if table in book.manifest.rows
        ]
        if table == "restatement":
            parts += [f"select * from {_parquet(p, table)}" for p in shown]
        if table in today:
            parts.insert(0, f"select cast(null as integer) as edition, * from {today[table]} where false")
        con.execute(f"create or replace table book.{table} as {' union all by name '.join(parts)}")
    run_file(con, root / "sql" / "book" / "edition.sql")
    for book in held:
        _list(con, book, today)
    names = con.table("book.preview").columns
    lines = [
        p.manifest.model_dump() | {"fingerprint": p.fingerprint, "manifest": p.manifest_hash} for p in shown
    ]
    insert_named(
        con,
        "book.preview",
        [{"number": m["edition"], **{n: m[n] for n in names[2:]}, "year": m["year"]} for m in lines],
    )
    for path in sorted((root / "sql" / "open" / "book").glob("*.sql")):
        run_file(con, path)
    return held


def _list(con: duckdb.DuckDBPyConnection, book: ClosedBook, today: Mapping[str, str]) -> None:
    """Enter an edition into `book.edition` and its files into `book.file`."""
    m = book.manifest
    absent = []
    for table in today:
        known = set(_columns(con, _parquet(book, table))) if table in m.rows else set()
        absent += [f"{table}.{name}" for name in _columns(con, today[table]) if name not in known]
    said = m.model_dump() | {"recorded_at": m.recorded_at.replace(tzinfo=None), "absent_columns": absent}
    said |= {"fingerprint": book.fingerprint, "manifest": book.manifest_hash, "closed_by": m.by}
    insert_named(con, "book.edition", [{c: said[c] for c in con.table("book.edition").columns}])
    listed = [(m.year, m.edition, t, n, book.sums[f"{t}.parquet"]) for t, n in sorted(m.rows.items())]
    insert_rows(con, "book.file", ("year", "edition", "table_name", "row_count", "sha256"), listed)


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [str(row[0]) for row in con.execute(f"describe select * from {relation}").fetchall()]


def _parquet(book: ClosedBook, table: str) -> str:
    return f"read_parquet({literal(str(book.file(table)))})"
