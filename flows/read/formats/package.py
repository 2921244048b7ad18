"""A package of parts (.xlsx, .xlsb): a zip whose parts refer to each other.

Refuses packages larger than a spreadsheet of ours can be, before any part is unpacked; a part that is longer than
the package declares fails its checksum. Part of the child process: standard library alone.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.xlsx.fallback import feed, parser_of

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
#: A start tag of a document without comments and declarations: local name, attributes.
_START = re.compile(r"""<(?:[\w.-]+:)?(\w+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*/?>""")
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
#: A document that ends with what it began with.
_ENDED = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*)*<([\w:.-]+)[\s/>].*</\1\s*>\s*", re.DOTALL)
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")

#: Local name and attributes by theirs.
Tag = tuple[str, dict[str, str]]

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

    def tags(self, name: str, *wanted: str) -> list[Tag]:
        """The start tags of some elements of a part in their order, by local names."""
        content = self.read(name)
        if b"<!" not in content and in_utf8(content) and _ENDED.fullmatch(content):
            return [
                (
                    tag,
                    {
                        key.rpartition(":")[2]: html.unescape(a or b)
                        for key, a, b in _ATTRIBUTE.findall(given)
                    },
                )
                for tag, given in _START.findall(content.decode("utf-8", "replace"))
                if tag in wanted
            ]
        walk = _Tags(wanted)
        if content:
            feed(parser_of(walk), content, True)
        return walk.out

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """(id, last word of the type, target as a part's name) of what a part refers to."""
        folder, name = posixpath.split(part)
        out = []
        for _, given in self.tags(f"{folder}/_rels/{name}.rels".lstrip("/"), "Relationship"):
            if given.get("TargetMode", "") == "External":
                continue
            target = given.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = _TYPE.search(given.get("Type", ""))
            out.append((given.get("Id", ""), kind[1] if kind else "", posixpath.normpath(path)))
        return out


def in_utf8(content: bytes) -> bool:
    """Whether a document is in UTF-8, by its beginning."""
    declared = _DECLARED.match(content[:200])
    return content[:2] not in (b"\xff\xfe", b"\xfe\xff") and (
        declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    )


class _Tags:
    """The same of a document in any form."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self.out: list[Tag] = []
        self._wanted = wanted

    def start(self, name: str, given: dict[str, str]) -> None:
        if name in self._wanted:
            self.out.append((name, given))
