"""A zip of several files, each read as if it had come by itself.

Refuses archives within archives and more than a delivery of ours can hold. Files are unpacked in memory, never
to disk: what a district sent stays in the vault.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from flows.read.formats.package import BROKEN_ZIP
from flows.read.formats.process.fault import WorkbookError

MOST_FILES = 1000
#: Bytes of one file, and of all together.
MOST_OF_ONE, MOST_OF_ALL = 256 << 20, 1 << 30
#: What operating systems and office programs leave beside the files that somebody meant to send.
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Member:
    """A file in an archive; `number` counts all entries from 0."""

    path: Path
    number: int
    name: str

    def open(self, mode: Literal["rb"] = "rb", /) -> BinaryIO:
        """Its bytes; `WorkbookError` if they are not what the archive says."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return io.BytesIO(archive.read(archive.infolist()[self.number]))
        except BROKEN_ZIP as error:
            raise WorkbookError("archive_broken") from error


def members(path: Path) -> list[Member]:
    """The files of an archive in its order; `WorkbookError` if there are too many or they are too large."""
    out = []
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_OF_ALL:
        raise WorkbookError("archive_too_large")
    for number, info in enumerate(infos):
        name = _name(info)
        parts = PurePosixPath(name).parts
        if info.is_dir() or not parts or any(part in _LITTER or part.startswith("~$") for part in parts):
            continue
        if info.file_size > MOST_OF_ONE:
            raise WorkbookError("archive_too_large")
        out.append(Member(path, number, name))
    return out


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: Windows writes it in GBK and does not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
