"""The vault's ledger: one JSON object per line, only ever appended to, on disk before anything relies on it.

A line counts when its newline is there. Lines are written and synced before the intake reports success, so a
fragment at the end is the trace of a crash nobody was told had succeeded: readers pass over it, and the next
append first moves it to `ledger.torn`, so that it cannot fuse with a good line and nothing is lost. Any other
unreadable line is damage (a disk, an editor): that is refused, because skipping it would renumber deliveries.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRIVATE = 0o600


class VaultError(RuntimeError):
    """The vault cannot be used as it is; the text says what to do."""


def read_ledger(path: Path) -> list[dict[str, object]]:
    """All complete lines, in order; an empty list if there is no ledger yet."""
    if not path.exists():
        return []
    *lines, _torn = path.read_bytes().split(b"\n")
    out = []
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise VaultError(_damaged(path, number)) from error
        if not isinstance(event, dict) or "event" not in event:
            raise VaultError(_damaged(path, number))
        out.append(event)
    return out


def append_to_ledger(path: Path, events: Iterable[dict[str, object]]) -> None:
    """Append events, one line each, and return when they are on disk."""
    text = "".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")) + "\n" for e in events)
    data = text.encode("utf-8")
    fresh = not path.exists()
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE)
    try:
        _set_torn_end_aside(fd, path)
        os.lseek(fd, 0, os.SEEK_END)
        while data:
            data = data[os.write(fd, data) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    if fresh:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system can do that."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows has no way to open a folder
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _set_torn_end_aside(fd: int, path: Path) -> None:
    size = os.lseek(fd, 0, os.SEEK_END)
    end, tail = size, b""
    while end > 0 and b"\n" not in tail:
        start = max(0, end - 65536)
        os.lseek(fd, start, os.SEEK_SET)
        tail = os.read(fd, end - start) + tail
        end = start
    fragment = tail[tail.rfind(b"\n") + 1 :]
    if not fragment:
        return
    aside = os.open(path.with_suffix(".torn"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        os.write(aside, fragment + b"\n")
        os.fsync(aside)
    finally:
        os.close(aside)
    os.ftruncate(fd, size - len(fragment))


def _damaged(path: Path, number: int) -> str:
    return (
        f"{path}: line {number} is not an event. The ledger was damaged or edited. Restore it from a backup "
        "(the files beside it are unchanged); never delete a line, because deliveries are numbered by them."
    )
