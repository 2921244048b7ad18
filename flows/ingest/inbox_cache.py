"""What each file of the inbox held when it was last read, so that an unchanged one is not read again.

A shortcut, never evidence: without `seen.json` every file is hashed. Unchanged is what git calls so: same
size, inode and times of change, of which `ctime` cannot be set back by a program that copies or restores
files. A file touched less than two seconds (the coarsest clock of a file system) before the list was
written may have changed again within the same tick, and is hashed once more.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from flows.ingest.ledger import PRIVATE

if TYPE_CHECKING:
    from pathlib import Path

_TICK = 2_000_000_000

State = tuple[int, int, int, int]  # size, mtime, ctime (both in ns), inode


class Seen:
    """File → (state, sha256), as of the last intake."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._now: dict[str, tuple[State, str]] = {}
        self._before: dict[str, tuple[State, str]] = {}
        self._written_at = 0
        try:
            found = json.loads(file.read_bytes())
            self._before = {path: (tuple(state), sha) for path, (state, sha) in found.items()}
            self._written_at = file.stat().st_mtime_ns
        except (OSError, ValueError, TypeError, AttributeError):
            self._before = {}

    def sha256(self, path: Path, status: os.stat_result) -> str | None:
        """What the file held when it was in this very state; None if it has to be read."""
        state, sha256 = self._before.get(str(path), (None, None))
        if state != _state(status) or max(status.st_mtime_ns, status.st_ctime_ns) + _TICK > self._written_at:
            return None
        return sha256

    def note(self, path: Path, status: os.stat_result, sha256: str) -> None:
        """Remember what a file held."""
        self._now[str(path)] = (_state(status), sha256)

    def save(self) -> None:
        """Write what was noted; files that are gone are forgotten."""
        fresh = self._file.with_name(self._file.name + ".new")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(fd, "w", encoding="utf-8") as stream:
            json.dump(self._now, stream)
        fresh.replace(self._file)


def _state(status: os.stat_result) -> State:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
