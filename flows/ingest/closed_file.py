"""Files and folders that only their owner may enter, each whole or not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

#: Of a file: read and written by its owner, and by nobody else.
PRIVATE = 0o600


def private_folder(folder: Path) -> Path:
    """A folder that only its owner may enter, made where there is none."""
    if not folder.parent.exists():
        private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)  # whatever the umask says
    return folder


def create(path: Path, if_there: int = os.O_EXCL) -> BinaryIO:
    """A new file that only its owner may read, open for writing; `if_there`: what becomes of one that is there already."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | if_there | getattr(os, "O_BINARY", 0), PRIVATE)
    return os.fdopen(fd, "wb")


def write(path: Path, data: bytes, is_remade: bool = False) -> None:
    """Write a file in the place of the one there is; a reader sees the one or the other, never a part.

    It survives a power cut, unless it is one that can be made again (`is_remade`).
    """
    incoming = path.with_name(f".{path.name}.new")
    with create(incoming, os.O_TRUNC) as stream:
        stream.write(data)
        stream.flush()
        if not is_remade:
            os.fsync(stream.fileno())
    incoming.replace(path)
    if not is_remade:
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


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
