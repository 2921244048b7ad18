"""A finished build becomes the edition analysts read: described, checked, copied, swapped in read-only.

The copy is by bytes (measured: 0.2 s where `COPY FROM DATABASE` takes 15) and the swap by
`os.replace`, which leaves readers of the old edition undisturbed. A `.wal` that somebody left beside
the old edition would replay into the new one, so it is removed and named.
"""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT, records
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.database.seal import broken_seals
from flows.ingest.closed_file import sha256_of, sync_folder
from flows.ingest.vault import Vault
from flows.language import _
from flows.warehouse import books
from flows.warehouse.books import carry
from flows.warehouse.describe import describe
from flows.warehouse.publication_stops import PublicationStopped, stops
from flows.warehouse.result_moves import note_moves
from flows.warehouse.verify import is_what_was_published, require

_log = logging.getLogger(__name__)


#: Analysts read as members of the folder's group; rows about persons, even without their names, are not the world's.
_MODE = 0o440


@dataclass(frozen=True)
class Publication:
    """The edition that is in place now; `cleared_wal` is the stray write-ahead log that was removed, `altered` where the last
    edition lies that was no longer what was published."""

    path: Path
    bytes: int
    cleared_wal: Path | None
    altered: Path | None = None


class CheckFailed(RuntimeError):
    """A check of `sql/check/` returned rows: the edition is not published."""


def publish(paths: Paths, as_of: datetime | None = None) -> Publication:
    """Carry the editions of closed years into the build, describe and check it, then swap a copy in as the warehouse.

    Raises `TrustBroken`, `CheckFailed` or `PublicationStopped`; the edition in place then stays.
    """
    require(paths)
    with open_build(paths, as_of) as con:
        if changed := broken_seals(con):
            raise CheckFailed(
                _(
                    "checks failed, nothing is published: {tables} are not what was loaded; run again, and the build is made anew",
                    tables=", ".join(changed),
                )
            )
        if found := stops(con, paths, as_of is None):
            raise PublicationStopped(found)
        note_moves(con, paths.warehouse_file() if as_of is None else None)
        carry(con, paths.books, paths.previews)
        describe(con, records())
        check(con)
        con.execute("update meta.run set is_published = true")
        con.execute("checkpoint")
    return put_in_place(paths, paths.build_file(as_of), as_of)


def put_in_place(paths: Paths, source: Path, as_of: datetime | None = None) -> Publication:
    """Swap `source` in as the warehouse, and note in the vault's anchor what is published from here on.

    It is announced there first, so that a publication that was cut off is told from a file that somebody changed. Such a
    file is no basis of anything, but it is kept, the last of them: somebody will ask who changed it.
    """
    target, chain = paths.warehouse_file(as_of), Vault(paths.vault).chain
    altered = None
    if not is_what_was_published(paths, target):
        altered = target.with_name(f"{target.name}.altered")
        altered.unlink(missing_ok=True)
        shutil.copyfile(target, altered)
        altered.chmod(_MODE)
        _log.warning("the last edition was not what was published; it is kept as %s", altered.name)
    event: dict[str, object] = {"file": target.name, "sha256": sha256_of(source)}
    chain.note({"event": "publishing"} | event)
    published = replace(swap_in(source, target), altered=altered)
    for folder in (paths.warehouse, *paths.closed.values()):
        if folder.exists():
            folder.chmod(folder.stat().st_mode & ~0o007)
    lines = chain.lines()
    for book in books.books(paths.books):  # of before there was an anchor
        books.note(chain, book.name, book.fingerprint)
    chain.note({"event": "published"} | event | {"lines": len(lines.events), "head": lines.head})
    return published


def check(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Run every file of `sql/check/`: each returns the bad rows; any row stops the publication."""
    for path in sorted((root / "sql" / "check").glob("*.sql")):
        rows = con.execute(path.read_text(encoding="utf-8")).fetchall()
        if rows:
            raise CheckFailed(
                _(
                    "checks failed, nothing is published: {name} gives {count} rows, the first {rows}",
                    name=path.name,
                    count=len(rows),
                    rows=rows[0],
                )
            )


def swap_in(source: Path, target: Path) -> Publication:
    """Copy `source` beside `target`, flush it, make it read-only and put it in place at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)  # before anything is in it
    shutil.copyfile(source, fresh)
    with fresh.open("rb+") as stream:
        os.fsync(stream.fileno())
    fresh.chmod(_MODE)
    wal = target.with_name(target.name + ".wal")
    stray = wal if wal.exists() else None
    if stray:
        stray.unlink()
    fresh.replace(target)
    sync_folder(target.parent)
    published = Publication(target, target.stat().st_size, stray)
    _log.info("%d bytes published%s", published.bytes, "; a stray .wal removed" if stray else "")
    return published
