"""A package of parts (.xlsx, .xlsb): a zip whose parts refer to each other.

Refuses packages larger than a spreadsheet of ours can be, before any part is unpacked; a part that is longer than
the package declares fails its checksum. Part of the child process: standard library alone.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar
from xml.etree import ElementTree

from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.xlsx.fallback import parser_of

#: Bytes of all parts together, and parts.
UNPACKED = 1 << 30
MOST_PARTS = 20_000
_BLOCK = 1 << 20
#: What zipfile raises for bytes that are no sound archive.
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
)
_TYPE = re.compile(r"/(\w+)$")

T = TypeVar("T")


def sound(act: Callable[..., T], *given: object) -> T:
    """What zipfile gives; the file is broken if it fails."""
    try:
        return act(*given)
    except BROKEN_ZIP as error:
        raise WorkbookError("workbook_broken") from error


@dataclass
class Package:
    """Parts by name, whatever the case and the slashes of the names in the archive."""

    stream: BinaryIO
    parts: dict[str, zipfile.ZipInfo] = field(init=False)

    def __post_init__(self) -> None:
        self._archive = sound(zipfile.ZipFile, self.stream)
        infos = self._archive.infolist()
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED:
            raise WorkbookError("workbook_too_large")
        self.parts = {info.filename.replace("\\", "/").lower().lstrip("/"): info for info in infos}

    def __contains__(self, name: str) -> bool:
        return name.lower().lstrip("/") in self.parts

    def read(self, name: str) -> bytes:
        """The bytes of a part, b'' if there is none. A part that is longer than declared fails its checksum."""
        info = self.parts.get(name.lower().lstrip("/"))
        return sound(self._archive.read, info) if info else b""

    def blocks(self, name: str) -> Iterator[bytes]:
        """The same by and by."""
        if name not in self:
            return
        part = sound(self._archive.open, self.parts[name.lower().lstrip("/")])
        while block := sound(part.read, _BLOCK):
            yield block

    def main(self, otherwise: str) -> str:
        """The part that the package names as its document, wherever it lies."""
        named = (part for _, kind, part in self.relations("") if kind == "officeDocument" and part in self)
        return next(named, otherwise)

    def tree(self, name: str) -> ElementTree.Element:
        content = self.read(name)
        if not content:
            raise WorkbookError("workbook_broken")
        builder = _Builder()
        parser_of(builder).Parse(content, True)
        return builder.close()

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """(id, last word of the type, target as a part's name) of what a part refers to."""
        folder, name = posixpath.split(part)
        content = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if not self.read(content):
            return []
        out = []
        for element in self.tree(content).iter("Relationship"):
            if element.get("TargetMode", "") == "External":
                continue
            target = element.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = _TYPE.search(element.get("Type", ""))
            out.append((element.get("Id", ""), kind[1] if kind else "", posixpath.normpath(path)))
        return out


class _Builder:
    """A tree of local names; small parts only."""

    def __init__(self) -> None:
        self._tree = ElementTree.TreeBuilder()

    def start(self, name: str, given: dict[str, str]) -> None:
        self._tree.start(name, given)

    def end(self, name: str) -> None:
        self._tree.end(name)

    def text(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> ElementTree.Element:
        return self._tree.close()
