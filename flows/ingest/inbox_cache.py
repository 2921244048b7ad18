"""What each file of the inbox held when it was last read: an unchanged one is not read again, and one put there anew is told from one
that still lies there.

A shortcut, never evidence: without `seen.json` every file is hashed, and none counts as put there anew. Unchanged is what git calls so: same
size, inode and times of change, of which `ctime` cannot be set back by a program that copies or restores
files. A file touched less than two seconds (the coarsest clock of a file system) before the list was
written may have changed again within the same tick, and is hashed once more.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path

from flows.ingest.closed_file import write

#: Of so many known files all being others, the inbox was copied as a whole: from a backup, to another disk.
_FEW = 2
_TICK = 2_000_000_000

State = tuple[int, int, int, int]  # size, mtime, ctime (both in ns), inode


class Seen:
    """File → (state, sha256), as of the last intake that met it."""

    def __init__(self, file: Path, inbox: Path) -> None:
        self._file, self._inbox = file, inbox
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

    def is_put_anew(self, path: Path, status: os.stat_result) -> bool:
        """Whether another file lies here than the one that was met last, be its bytes the same."""
        known = self._before.get(str(path))
        return known is not None and known[0] != _state(status) and not self._is_copied

    @cached_property
    def _is_copied(self) -> bool:
        known = [(Path(path), state) for path, (state, _) in self._before.items()]
        there = [(path, state) for path, state in known if self._inbox in path.parents and path.exists()]
        return len(there) > _FEW and all(_state(path.stat()) != state for path, state in there)

    def note(self, path: Path, status: os.stat_result, sha256: str) -> None:
        """Remember what a file held."""
        self._now[str(path)] = (_state(status), sha256)

    def save(self) -> None:
        """Write what was noted, beside what is known of files that were not met this time."""
        write(self._file, json.dumps(self._before | self._now).encode(), is_remade=True)


def _state(status: os.stat_result) -> State:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
