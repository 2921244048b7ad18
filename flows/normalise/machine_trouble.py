"""What a load ends with that no file is to blame for: an interrupt, memory, a full disk, a vault file that is gone.

Such an end leaves everything unloaded that was not committed, and the next run tries again; recorded as the finding of a
file it would make a smaller number of a sound one. A system's error without a number (that of a broken archive) is the
file's own.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

import duckdb

from flows.ingest.ledger import VaultError
from flows.language import _

_ERRNOS = frozenset(
    getattr(errno, name)
    for name in (
        [
            "EACCES",
            "EDQUOT",
            "EIO",
            "EMFILE",
            "ENFILE",
            "ENOENT",
            "ENOMEM",
            "ENOSPC",
            "EPERM",
            "EROFS",
            "ESTALE",
            "ETIMEDOUT",
        ]
    )
    if hasattr(errno, name)
)
_INTERRUPTS = (KeyboardInterrupt, SystemExit, duckdb.InterruptException)
_TROUBLE = (MemoryError, VaultError, duckdb.OutOfMemoryException, duckdb.IOException, duckdb.FatalException)


class LoadUnfinished(RuntimeError):
    """The machine stopped a load; the text says what with and that nothing was recorded about the files."""


def raise_trouble(error: BaseException, what: str) -> None:
    """Raise what ended a load, if it was no file; return otherwise. `what`: which files are left for the next run.

    Raises:
        KeyboardInterrupt: it was interrupted, also where a query says so in its own words.
        VaultError: a file of the vault is missing or was changed.
        LoadUnfinished: memory, disk, file handles.
    """
    raise_interrupt(error)
    for seen in _chain(error):
        if isinstance(seen, VaultError):
            raise seen
        if isinstance(seen, _TROUBLE) or (isinstance(seen, OSError) and seen.errno in _ERRNOS):
            reason = seen.strerror if isinstance(seen, OSError) else _("out of memory or disk")
            raise LoadUnfinished(
                _(
                    "trouble with the machine ({name}, {reason}): {what} not loaded and nothing is recorded about "
                    "them; make room (memory, disk, ulimit -n), then run again",
                    name=type(seen).__name__,
                    reason=reason,
                    what=what,
                )
            ) from error


def raise_interrupt(error: BaseException) -> None:
    """Raise KeyboardInterrupt if that is what ended something."""
    if is_interrupt(error):
        raise KeyboardInterrupt from error


def is_interrupt(error: BaseException) -> bool:
    """Whether an interrupt ended something, also where a query says so in its own words."""
    return any(isinstance(seen, _INTERRUPTS) for seen in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
