"""A file that is only ever appended to: one JSON object per line, each carrying the hash of all before it.

A line's hash is the SHA-256 of the hash before and its own bytes; the next line says it as `prev`, so that a line that was
changed, taken out, doubled or moved shows at the line after it. Lines written before there was a chain have no `prev`; none may
follow one that has. A line counts when its newline is there: a fragment at the end is the trace of a crash nobody was
told had succeeded, readers pass over it, and the next append first moves it to `*.torn`. Any other unreadable line is
damage (a disk, an editor): that is refused, because skipping it would renumber deliveries.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.ingest.closed_file import PRIVATE, sync_folder
from flows.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


RESTORE = later("put it back from a backup (union-assessment restore DIR); never mend it by hand")


class VaultError(RuntimeError):
    """The vault cannot be used as it is; the text says what to do."""


@dataclass(frozen=True)
class Lines:
    """The complete lines of a file: what each says, the hash of each, and the bytes they take."""

    events: list[dict[str, object]]
    hashes: list[str]
    size: int

    def hash_at(self, count: int) -> str | None:
        """The hash of the `count`-th line, '' before the first; None where there are fewer."""
        return "" if count == 0 else self.hashes[count - 1] if count <= len(self.hashes) else None

    @property
    def head(self) -> str:
        """The hash of the last line: it stands for every byte before it."""
        return self.hashes[-1] if self.hashes else ""

    def first(self, count: int, data: bytes) -> Lines:
        """The first lines alone; `data` is what was read."""
        size = sum(len(line) + 1 for line in data.split(b"\n")[:count])
        return Lines(self.events[:count], self.hashes[:count], size)


def read_lines(path: Path) -> Lines:
    """All complete lines, in order, each compared with the one before; none if there is no file yet."""
    return parsed(path, path.read_bytes() if path.exists() else b"")


def parsed(path: Path, data: bytes) -> Lines:
    """The same, of bytes that were read from `path`."""
    *lines, torn = data.split(b"\n")
    out = Lines([], [], len(data) - len(torn))
    is_chained = False
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise VaultError(_damaged(path, number)) from error
        if not isinstance(event, dict) or "event" not in event:
            raise VaultError(_damaged(path, number))
        if event.get("prev", None if is_chained else out.head) != out.head:
            raise VaultError(
                _(
                    "{path}: line {number} does not follow from the lines before it: one of them was changed, "
                    "taken out or put in. {cure}",
                    path=path,
                    number=number,
                    cure=_(RESTORE),
                )
            )
        is_chained |= "prev" in event
        out.events.append(event)
        out.hashes.append(line_hash(out.head, line))
    return out


def line_hash(before: str, line: bytes) -> str:
    """The hash of a line (without its newline) that follows the one with hash `before`."""
    return hashlib.sha256(before.encode() + line).hexdigest()


def as_lines(events: Iterable[dict[str, object]], head: str) -> tuple[bytes, str]:
    """Events as lines that follow `head`, and the hash of the last one."""
    out = b""
    for event in events:
        line = json.dumps(event | {"prev": head}, ensure_ascii=False, separators=(",", ":")).encode()
        head = line_hash(head, line)
        out += line + b"\n"
    return out, head


def append(path: Path, data: bytes, keep: int) -> None:
    """Append lines after the first `keep` bytes and return when they are on disk; what lies beyond `keep` is set aside."""
    fresh = not path.exists()
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE)
    try:
        _set_torn_end_aside(fd, path, keep)
        os.lseek(fd, 0, os.SEEK_END)
        while data:
            data = data[os.write(fd, data) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    if fresh:
        sync_folder(path.parent)


def _set_torn_end_aside(fd: int, path: Path, keep: int) -> None:
    os.lseek(fd, keep, os.SEEK_SET)
    fragment = b""
    while block := os.read(fd, 1 << 20):
        fragment += block
    if not fragment:
        return
    aside = os.open(path.with_suffix(".torn"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        os.write(aside, fragment.removesuffix(b"\n") + b"\n")
        os.fsync(aside)
    finally:
        os.close(aside)
    os.ftruncate(fd, keep)


def _damaged(path: Path, number: int) -> str:
    return _(
        "{path}: line {number} is not an event. The file was damaged or edited. {cure} (the files beside it are unchanged); "
        "never delete a line, because deliveries are numbered by them.",
        path=path,
        number=number,
        cure=_(RESTORE),
    )
