"""One run at a time: a second run is refused with the owner of the first and its age.

The lock is the operating system's (filelock): it goes with the process, however that ends, so there is never
a stale lock to delete. The note beside it only tells a person who is at it; neither it nor a clock decides.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
from flows.language import _


class AlreadyRunningError(RuntimeError):
    """Another run holds the lock; the text names it and says what to do, `owner` only who it is."""

    def __init__(self, path: Path, owner: str) -> None:
        super().__init__(
            _(
                "another run holds {path}: {owner}. Wait for it, or end that process; the lock goes with it.",
                path=path,
                owner=owner,
            )
        )
        self.owner = owner


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path` for the duration of a run; `AlreadyRunningError` if another run has it."""
    note = path.with_name(path.name + ".owner")
    lock = FileLock(path, mode=0o600)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunningError(path, _who(note)) from None
    except OSError as error:
        said = _("the data folder cannot be written to ({why})", why=error.strerror)
        raise OSError(error.errno, said, str(path.parent)) from None
    try:
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "user": login()}
        note.write_text(json.dumps(owner), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def login() -> str:
    """Whose account this is: the name under which what a person decides is recorded, unless another is given."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def _who(note: Path) -> str:
    try:
        owner = json.loads(note.read_text(encoding="utf-8"))
        seconds = max(0, int(time.time() - note.stat().st_mtime))
        return _("process {pid} of {user} on {host}, for {age}", age=_age(seconds), **owner)
    except (OSError, ValueError, KeyError, TypeError):  # it is just being written
        return _("a process that has just started")


def _age(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
