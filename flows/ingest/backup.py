"""What cannot be made again, in another place: files, ledger, anchor and key of the vault, and the books of closed years.

    DIR/file/ab/ab12…   contents by SHA-256, shared by all states, only ever added to
    DIR/0001/           one state: ledger.jsonl, anchor.jsonl, key, books/, and SHA256SUMS, which `sha256sum -c` reads

A backup is refused where the vault is not sound, because it would keep what was altered; earlier states stay, so that one
that is refused or cut off costs nothing. `restore` mends: it puts back what is missing or changed, keeps a ledger that is sound
and goes on from that of the backup, and sets aside whatever it replaces. The key may lie apart; without it
the files are all there and no person can be matched any more with those of editions already published.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.contract.paths import Paths
from flows.ingest.closed_file import create, private_folder, sha256_of, sync_folder, write
from flows.ingest.ledger import Lines, VaultError, read_lines
from flows.ingest.vault import Vault
from flows.language import _

Progress = Callable[[str, int, int], None]

_SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Restored:
    """What was put back, and where what lay there is now; `lost` are files that the backup lacks, too."""

    state: Path
    put_back: tuple[Path, ...]
    aside: Path
    lost: tuple[Path, ...]


def backup(
    paths: Paths, target: Path, key_file: Path | None = None, progress: Progress | None = None
) -> Path:
    """Copy what is new to a backup and write its next state; the folder of that state. The caller holds the run's lock.

    Args:
        paths: the data folder.
        target: the backup's folder; made where there is none.
        key_file: the key goes there, and not into the backup.
        progress: told of the files.

    Raises:
        VaultError: the vault is not sound, or the backup is that of another vault.
    """
    vault = Vault(paths.vault)
    ledger = vault.chain.lines()
    if not ledger.events:
        raise VaultError(_("{vault} holds nothing yet", vault=paths.vault))
    vault.key()  # compared with the one that was made
    states = _states(target)
    if states and not _goes_on_from(ledger, states[-1] / "ledger.jsonl"):
        if read_lines(states[-1] / "ledger.jsonl").hash_at(len(ledger.events)) == ledger.head:
            raise VaultError(
                _(
                    "{folder} is newer than this vault: an older copy was put back here. See what is missing, then union-assessment restore {target}",
                    folder=states[-1],
                    target=target,
                )
            )
        raise VaultError(_("{folder} is not a backup of this vault: name another folder", folder=states[-1]))
    shas = sorted({d.sha256 for d in vault.deliveries()})
    for done, sha256 in enumerate(shas, 1):
        place = target / "file" / sha256[:2] / sha256
        if not _is(place, sha256):
            _copy(vault.path(sha256), place)
        if progress:
            progress(_("files"), done, len(shas))
    fresh = target / ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    for file in (vault.ledger, vault.chain.anchor):
        _copy(file, fresh / file.name)
    _copy(vault.root / "key", key_file or fresh / "key")
    for folder in paths.closed.values():
        for file in _files_below(folder):
            _copy(file, fresh / file.relative_to(paths.data))
    sums = [f"{sha256_of(file)}  {file.relative_to(fresh).as_posix()}\n" for file in _files_below(fresh)]
    write(fresh / _SUMS, "".join(sums).encode())
    state = fresh.rename(target / f"{int(states[-1].name) + 1 if states else 1:04}")
    sync_folder(target)
    return state


def restore(
    paths: Paths, source: Path, key_file: Path | None = None, progress: Progress | None = None
) -> Restored:
    """Put back from the newest state of a backup what is missing or changed. The caller holds the run's lock.

    Args:
        paths: the data folder: damaged, or empty.
        source: the backup's folder.
        key_file: where the key lies, if apart.
        progress: told of the files.

    Raises:
        VaultError: there is no backup, or it was changed itself; nothing was touched then.
    """
    states = _states(source)
    if not states:
        raise VaultError(_("{source} holds no backup", source=source))
    state = states[-1]
    for line in (state / _SUMS).read_text(encoding="utf-8").splitlines():
        sha256, name = line.split("  ", 1)
        if not _is(state / name, sha256):
            raise VaultError(_("{path} is not what was backed up: use another backup", path=state / name))
    vault = Vault(paths.vault)
    aside = vault.root / "aside" / f"{len(list((vault.root / 'aside').glob('*'))) + 1:04}"
    put_back: list[Path] = []

    def put(kept: Path, place: Path) -> None:
        """Put `kept` in its place; what is there goes aside."""
        if place.exists():
            away = aside / place.relative_to(paths.data)
            private_folder(away.parent)
            place.rename(away)
        _copy(kept, place)
        put_back.append(place)

    try:
        is_sound = _goes_on_from(vault.chain.lines(), state / "ledger.jsonl")
        is_sound &= _goes_on_from(read_lines(vault.chain.anchor), state / "anchor.jsonl")
    except VaultError:
        is_sound = False
    if not is_sound:
        put(state / "ledger.jsonl", vault.ledger)
        put(state / "anchor.jsonl", vault.chain.anchor)
    try:
        vault.key()
    except VaultError:
        if (key := key_file or state / "key").exists():
            put(key, vault.root / "key")
    lost = []
    shas = sorted({d.sha256 for d in vault.deliveries()})
    for done, sha256 in enumerate(shas, 1):
        place, kept = vault.place(sha256), source / "file" / sha256[:2] / sha256
        if not _is(place, sha256):
            if _is(kept, sha256):
                put(kept, place)
            else:
                lost.append(place)
        if progress:
            progress(_("files"), done, len(shas))
    for kept in (file for folder in paths.closed.values() for file in _files_below(state / folder.name)):
        place = paths.data / kept.relative_to(state)
        if not _is(place, sha256_of(kept)):
            place.parent.mkdir(parents=True, exist_ok=True)  # open to everybody, as books are
            put(kept, place)
            place.chmod(0o444)
    return Restored(state, tuple(put_back), aside, tuple(lost))


def _states(folder: Path) -> list[Path]:
    """States of a backup that were written to their end, the newest last."""
    return sorted(p.parent for p in folder.glob(f"[0-9]*/{_SUMS}"))


def _goes_on_from(lines: Lines, kept: Path) -> bool:
    before = read_lines(kept)
    return lines.hash_at(len(before.events)) == before.head


def _files_below(folder: Path) -> list[Path]:
    """The files of a folder, but for what is just being written."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return sorted(p for p in found if not any(s.startswith(".") for s in p.relative_to(folder).parts))


def _is(file: Path, sha256: str) -> bool:
    return file.is_file() and not file.is_symlink() and sha256_of(file) == sha256


def _copy(source: Path, place: Path) -> None:
    """A closed copy, on disk and the same byte for byte, or none."""
    if not place.parent.exists():
        private_folder(place.parent)
    part = place.with_name(f".{place.name}.part")
    part.unlink(missing_ok=True)
    with source.open("rb") as stream, create(part) as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    if sha256_of(part) != sha256_of(source):
        raise VaultError(_("{place} is not what was written to it: use another disk", place=place))
    part.replace(place)
    sync_folder(place.parent)
