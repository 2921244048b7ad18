"""Is everything still what it was? Compared before every run and publication in short, and by `verify` in full.

In short: the ledger's chain and its anchor, the key, every byte of every book, that each file of the vault is there with its
size, and that ledger, key and books are those of the published warehouse; files about to be read are hashed while they are
read. `status` and `doctor` also hash every vault file and hold the published warehouse against what was published and against
the build, and the build against its seals. In full also scheme folders against those that years were scored with. Looks and
changes nothing but a note of when each file was last hashed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from stat import S_ISREG
from typing import Any

import duckdb

from flows.contract.catalogue import ROOT, ContractError
from flows.contract.paths import Paths
from flows.database.connect import attach_read_only, is_trouble, open_published, open_scratch, sql_text
from flows.database.seal import broken_seals
from flows.ingest.chain import Chain
from flows.ingest.closed_file import sha256_of, write
from flows.ingest.ledger import RESTORE, VaultError
from flows.ingest.vault import Vault
from flows.language import _, later
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse import books

Progress = Callable[[str, int, int], None]

_RUN = later("`union-assessment run --year YEAR` publishes it anew")
#: Hashes are noted after so many bytes, so that work that is cut off goes on where it was.
_NOTE_BYTES = 1 << 30


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not what it was: where, what, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return self.what if self.where in self.what else f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Verified:
    """What was compared, in counts, and what differs."""

    counts: dict[str, int]
    differences: tuple[Mismatch, ...]


class TrustBroken(RuntimeError):
    """Something that results rest on is not what it was; nothing is published."""

    def __init__(self, found: list[Mismatch]) -> None:
        super().__init__(
            _("the chain of trust is broken, and nothing is published before it is mended:\n")
            + "\n".join(str(d) for d in found)
        )


def require(paths: Paths) -> None:
    """Return if everything a run rests on is what it was, `TrustBroken` otherwise; the caller may write."""
    for kind, folder in paths.closed.items():
        books.finish(Vault(paths.vault).chain, folder, kind)
    if found := differences(paths):
        raise TrustBroken(found)


def differences(paths: Paths) -> list[Mismatch]:
    """The short comparison: costs milliseconds, and a look at each file's size."""
    vault = Vault(paths.vault)
    try:
        shas = {d.sha256: d.size for d in vault.deliveries()}
        if shas or vault.chain.noted("key"):
            vault.key()
        found = list(_books(vault, paths))
    except VaultError as error:
        return [Mismatch(str(paths.vault), str(error))]
    for sha256, size in shas.items():
        place = vault.place(sha256)
        try:
            held = place.lstat()
        except FileNotFoundError:
            found.append(Mismatch(str(place), _("is missing: {cure}", cure=_(RESTORE))))
            continue
        if not S_ISREG(held.st_mode):
            found.append(
                Mismatch(str(place), _("is a link or a folder, no file of its own: {cure}", cure=_(RESTORE)))
            )
        elif held.st_size != size:
            found.append(Mismatch(str(place), _("was changed after it arrived: {cure}", cure=_(RESTORE))))
    known = {d.where for d in found}
    return [*found, *(d for d in _older(paths, vault) if d.where not in known)]


def _books(vault: Vault, paths: Paths) -> Iterator[Mismatch]:
    """Books and previews that are not those that were closed."""
    for kind, folder in paths.closed.items():
        for place, error in books.unlike(vault.chain, folder, kind):
            yield Mismatch(str(place), str(error))


def _older(paths: Paths, vault: Vault) -> Iterator[Mismatch]:
    """A ledger that is not the one of the published warehouse, or has fewer deliveries."""
    made = _made_from(paths.warehouse_file())
    if made is None:
        return
    lines, known = vault.chain.lines(), len(vault.deliveries())
    if known and vault.key_fingerprint() != made["key_fingerprint"]:
        yield Mismatch(
            str(vault.root / "key"),
            _("is not the key that what is published was made with: {cure}", cure=_(RESTORE)),
        )
    if known < made["deliveries"]:
        yield Mismatch(
            str(vault.ledger),
            _(
                "has {known} deliveries, and what is published was made from {made}: {cure}. To begin anew, "
                "move {warehouse} away, too",
                known=known,
                made=made["deliveries"],
                cure=_(RESTORE),
                warehouse=paths.warehouse,
            ),
        )
    elif made.get("ledger_lines") and lines.hash_at(made["ledger_lines"]) != made["ledger_head"]:
        yield Mismatch(
            str(vault.ledger),
            _(
                "its first {made} lines are not those that what is published was made from: {cure}",
                made=made["ledger_lines"],
                cure=_(RESTORE),
            ),
        )
    for name, fingerprint in _published_books(paths.warehouse_file()).items():
        sums = paths.books / name / books.SUMS
        if not sums.exists() or sha256_of(sums) != fingerprint:
            yield Mismatch(
                str(paths.books / name),
                _("is not the edition that what is published shows as closed: {cure}", cure=_(RESTORE)),
            )


def differences_at_hand(paths: Paths, progress: Progress | None = None) -> list[Mismatch]:
    """What `status` and `doctor` say: the short comparison, every byte of the vault's files, the published warehouse and the
    build. All is read (1.5 GB a second where the disk keeps up), nothing is noted."""
    found = differences(paths)
    vault = Vault(paths.vault)
    try:
        shas = sorted({d.sha256 for d in vault.deliveries()})
    except VaultError:
        shas = []  # said already
    known = {d.where for d in found}
    for done, sha256 in enumerate(shas, 1):
        if str(vault.place(sha256)) not in known and (changed := _changed(vault, sha256)):
            found.append(changed)
        if progress:
            progress(_("files"), done, len(shas))
    return [*found, *warehouse_differences(paths)]


def _changed(vault: Vault, sha256: str) -> Mismatch | None:
    """What is wrong with the bytes of a vault file; None where they are those that arrived."""
    place = vault.place(sha256)
    try:
        vault.path(sha256)
    except VaultError as error:
        return Mismatch(str(place), str(error))
    except OSError as error:
        return Mismatch(
            str(place),
            _("cannot be read ({why}): disk, rights, or {cure}", why=error.strerror, cure=_(RESTORE)),
        )
    return None


def unpublished_lines(paths: Paths) -> int:
    """Lines that came into the ledger after the last publication; 0 where nothing was published, or it cannot be read."""
    chain = Vault(paths.vault).chain
    try:
        published = [e for e in chain.noted("published") if e["file"] == paths.warehouse_file().name]
        return len(chain.lines().events) - int(str(published[-1]["lines"])) if published else 0
    except VaultError:
        return 0


def set_newer_aside(paths: Paths) -> Path | None:
    """Rename a warehouse that was made from more than the ledger holds, after an older one was put back; its new name."""
    file = paths.warehouse_file()
    try:
        if not any(_older(paths, Vault(paths.vault))):
            return None
    except VaultError:
        return None
    return file.rename(file.with_name(f"{file.name}.before-restore"))


def _made_from(file: Path) -> dict[str, Any] | None:
    """`meta.run` of a published file; None where there is none that can be read."""
    try:
        with open_published(file) as con:
            rows = con.execute("from meta.run").fetchall()
            return dict(zip([d[0] for d in con.description or ()], rows[0], strict=True))
    except (RuntimeError, duckdb.Error, IndexError):
        return None


def _published_books(file: Path) -> dict[str, str]:
    """Closed editions that a published file shows, and the fingerprint of each; none where it has, or says, none."""
    try:
        with open_published(file) as con:
            return dict(
                con.execute("select year || '-' || edition, fingerprint from book.edition").fetchall()
            )
    except (RuntimeError, duckdb.Error):
        return {}


def verify(
    paths: Paths, today: date, since: date | None, progress: Progress | None = None, root: Path = ROOT
) -> Verified:
    """The full comparison.

    Args:
        paths: the data folder.
        today: noted as the day on which a file was found sound.
        since: files that were found sound on that day or later are not read again; None: those that ever were.
        progress: told of the files, which take longest.
        root: where the schemes are.
    """
    found = differences(paths)
    vault = Vault(paths.vault)
    try:
        files = {d.sha256: d.size for d in vault.deliveries()}
        held = vault.chain.noted("book")
    except VaultError:
        files, held = {}, []
    counts = {"files": len(files), "books": len(held)}
    read = list(_files(vault, files, today, since, progress))
    counts["files_read"] = len(read)
    found += [d for d in read if d is not None and all(d.where != other.where for other in found)]
    found += warehouse_differences(paths)
    found += _schemes(paths, root)
    return Verified(counts, tuple(found))


def older_than(paths: Paths, head: str) -> list[Mismatch]:
    """What is wrong where a hash that was written down elsewhere is none of this vault's: an older copy of everything, put back
    whole, differs in nothing else."""
    chain = Vault(paths.vault).chain
    if any(known.startswith(head) for known in chain.heads()):
        return []
    told = _(
        "does not lead to {head}: an older copy was put back, or that is another vault's: {cure}",
        head=head,
        cure=_(RESTORE),
    )
    return [Mismatch(str(chain.anchor), told)]


def require_all(paths: Paths, today: date, since: date, progress: Progress | None = None) -> dict[str, int]:
    """The counts of `verify` where nothing differs, `TrustBroken` otherwise."""
    found = verify(paths, today, since, progress)
    if found.differences:
        raise TrustBroken(list(found.differences))
    return found.counts


def _files(
    vault: Vault, files: dict[str, int], today: date, since: date | None, progress: Progress | None
) -> Iterator[Mismatch | None]:
    """Hash what has to be; None for each file that is sound."""
    note = vault.root / "verified.json"
    try:
        sound: dict[str, str] = json.loads(note.read_bytes())
    except (OSError, ValueError):
        sound = {}
    due = [sha for sha in files if sha not in sound or (since and sound[sha] < since.isoformat())]
    size = 0
    for done, sha256 in enumerate(due, 1):
        changed = _changed(vault, sha256)
        if changed is None:
            sound[sha256] = today.isoformat()
        else:
            sound.pop(sha256, None)
        yield changed
        size += files[sha256]
        if progress:
            progress(_("files"), done, len(due))
        if size > _NOTE_BYTES or done == len(due):
            with suppress(OSError):  # a disk that cannot be written to is compared all the same
                write(note, json.dumps(sound).encode(), is_remade=True)
            size = 0


def warehouse_differences(paths: Paths) -> list[Mismatch]:
    """The published warehouse against what was published, the build's content against it, and the build against its seals."""
    warehouse, build = paths.warehouse_file(), paths.build_file()
    try:
        published = _published(Vault(paths.vault).chain, warehouse)
    except VaultError:
        return []  # said already
    if not warehouse.exists():
        is_lost = any(e["event"] == "published" for e in published)
        return [Mismatch(str(warehouse), _("is missing: {cure}", cure=_(_RUN)))] if is_lost else []
    sha256 = sha256_of(warehouse)
    changed = _differing(build, warehouse) if build.exists() and sha256_of(build) != sha256 else ""
    if published and sha256 not in [e["sha256"] for e in published]:
        told = _(
            "is not the file that was published; tables that differ from the build: {tables}. {cure}",
            tables=changed or _("none"),
            cure=_(_RUN),
        )
        return [Mismatch(str(warehouse), told)]
    cure = _("Delete {file}, the vault has it all; {cure}", file=build.name, cure=_(_RUN))
    if broken := _broken(build):
        return [
            Mismatch(
                str(build),
                _("is not what was loaded and computed: {broken}. {cure}", broken=broken, cure=cure),
            )
        ]
    if changed and _is_published(build):
        told = _(
            "holds other rows than what was published from it: {tables}. {cure}", tables=changed, cure=cure
        )
        return [Mismatch(str(build), told)]
    # a run that was cut off, or stopped, has taken the build further
    if changed and (broken := _broken(warehouse)):
        told = _(
            "holds tables that are not what was published: {tables}. {cure}", tables=broken, cure=_(_RUN)
        )
        return [Mismatch(str(warehouse), told)]
    return []


def _published(chain: Chain, warehouse: Path) -> list[dict[str, object]]:
    """The anchor's last line on what was published under a name, then the one that a publication which was cut off began with."""
    noted = [e for e in chain.noted("published", "publishing") if e["file"] == warehouse.name]
    last = next((i for i in reversed(range(len(noted))) if noted[i]["event"] == "published"), 0)
    return noted[last:]


def is_what_was_published(paths: Paths, warehouse: Path) -> bool:
    """Whether a published file is still the one that was put there; true where none is, or nobody noted which."""
    published = _published(Vault(paths.vault).chain, warehouse)
    return not (warehouse.exists() and published) or sha256_of(warehouse) in [e["sha256"] for e in published]


def _broken(file: Path) -> str:
    """Tables that are not what the last step left; '' where there is no build, it was only just begun, or a run writes it."""
    try:
        with open_published(file) as con:
            has_any = con.execute("from duckdb_tables() limit 1").fetchall()
            return ", ".join(broken_seals(con)) if has_any else ""
    except RuntimeError:
        return ""
    except duckdb.Error as error:
        return "" if is_trouble(error) else f"{type(error).__name__}: it cannot be read"


def _is_published(build: Path) -> bool:
    """Whether a build says that it is what was published; older code did not say."""
    try:
        with open_published(build) as con:
            return con.execute("select is_published from meta.run").fetchall() == [(True,)]
    except (RuntimeError, duckdb.Error):
        return False


def _differing(build: Path, warehouse: Path) -> str:
    """Tables with other rows in one of two databases, each with how many; books, which `close` adds, stand apart."""
    with open_scratch() as con:
        try:
            attach_read_only(con, build, "made")
            attach_read_only(con, warehouse, "shown")
            out = []
            for table, here in con.execute(sql_text("ask", "tables_of_two")).fetchall():
                sums = {
                    con.execute(f"select count(*), sum(hash(t)::hugeint) from {db}.{table} as t").fetchone()
                    for db in here
                }
                if len(here) == 1:
                    out.append(f"{table} (only in one of them)")
                elif len(sums) > 1:
                    count = f"select count(*) from (from shown.{table} except all from made.{table})"
                    out += [f"{table} ({rows:,} rows)" for (rows,) in con.execute(count).fetchall()]
        except duckdb.Error as error:
            return f"{type(error).__name__}: one of them cannot be read"
    return ", ".join(out)


def _schemes(paths: Paths, root: Path) -> Iterator[Mismatch]:
    """Scheme folders that are not those that years were scored with, or closed with."""
    scored: list[tuple[int, str, str]] = []
    try:
        with open_published(paths.warehouse_file()) as con:
            scored = con.execute(
                "select year, year::varchar, fingerprint from ref.scheme order by 1"
            ).fetchall()
    except (RuntimeError, duckdb.Error):
        pass
    closed: dict[int, tuple[int, str, str]] = {}
    try:
        for book in books.books(paths.books):
            closed[book.manifest.year] = (book.manifest.year, book.name, book.manifest.scheme_fingerprint)
    except books.BookDamaged:
        pass  # said already
    for year, name, fingerprint in [*scored, *closed.values()]:
        try:
            is_same = load_year(year, root).fingerprint == fingerprint
        except (OSError, ContractError):
            is_same = False
        if not is_same:
            yield Mismatch(
                str(root / "data" / "scheme" / f"{year}"),
                _(
                    "is not the scheme that {name} was scored with: put the folder back, or, while the year is "
                    "open, score it anew. {cure}",
                    name=name,
                    cure=_(_RUN),
                ),
            )
