"""A package of parts (.xlsx, .xlsb): a zip whose parts refer to each other.

Refuses packages larger than a spreadsheet of ours can be, before any part is unpacked; a part that is longer than
the package declares fails its checksum. Part of the child process: standard library alone.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from flows.read.formats.process.payload import Broken, TooLarge
from flows.read.formats.xlsx.fallback import parser_of

#: Bytes of all parts together, and parts.
UNPACKED = 1 << 30
MOST_PARTS = 20_000
_TYPE = re.compile(r"/(\w+)$")


@dataclass
class Package:
    """Parts by name, whatever the case and the slashes of the names in the archive."""

    archive: zipfile.ZipFile
    parts: dict[str, zipfile.ZipInfo] = field(init=False)

    def __post_init__(self) -> None:
        infos = self.archive.infolist()
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED:
            raise TooLarge
        self.parts = {info.filename.replace("\\", "/").lower().lstrip("/"): info for info in infos}

    def read(self, name: str) -> bytes:
        """The bytes of a part, b'' if there is none. A part that is longer than declared fails its checksum."""
        info = self.parts.get(name.lower().lstrip("/"))
        return self.archive.read(info) if info else b""

    def tree(self, name: str) -> ElementTree.Element:
        content = self.read(name)
        if not content:
            raise Broken
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
