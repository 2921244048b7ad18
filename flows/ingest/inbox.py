"""What lies in the inbox: `[YYYY-MM-DD/]<sender folder>/<anything>/file`.

Looks only, never moves or deletes: the inbox belongs to those who send. What is not a file somebody sent
(editors' lock files, folder settings, half-finished downloads) is passed over by a named rule, and listed.
Links are refused: a link is not a file that arrived, and it can lead anywhere on the machine.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

#: Rule → pattern of a name (of a file or a folder on the way to it) that is passed over by it.
IGNORED = {
    "hidden": re.compile(r"\..*"),
    "office_lock": re.compile(r"~\$.*|\.~lock\..*#"),
    "system_file": re.compile(r"(?i)thumbs\.db|desktop\.ini|__MACOSX|\.DS_Store"),
    "partial_download": re.compile(r"(?i).+\.(part|partial|crdownload|download)"),
}


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox. `folder` is the sender folder ('' if it lies outside of one), `name` the rest."""

    path: Path
    folder: str
    name: str
    received_on: date | None  # from a dated folder


@dataclass(frozen=True)
class PassedOver:
    """Something that is not taken in, and the rule or problem code that says why; `name` is its path."""

    name: str
    code: str


def look(inbox: Path) -> Iterator[InboxFile | PassedOver]:
    """Everything in the inbox, in order of path."""
    for path in _walk(inbox):
        steps = tuple(readable(step) for step in path.relative_to(inbox).parts)
        name = "/".join(steps)
        day: date | None = None
        rule = next((r for r, p in _RULES if any(p.fullmatch(step) for step in steps)), None)
        if rule is not None:
            yield PassedOver(name, rule)
            continue
        if path.is_symlink():
            yield PassedOver(name, "link_refused")
            continue
        if not path.is_file():
            yield PassedOver(name, "folder_unreadable" if path.is_dir() else "not_a_file")
            continue
        if len(steps) > 1 and _DAY.fullmatch(steps[0]):
            try:
                day = date.fromisoformat(steps[0])
            except ValueError:
                yield PassedOver(name, "received_date_impossible")
                continue
            steps = steps[1:]
        folder = steps[0] if len(steps) > 1 else ""
        yield InboxFile(path, folder, "/".join(steps[1:]) if folder else steps[0], day)


#: `.DS_Store` is hidden, too: the more telling rule comes first.
_RULES = tuple((rule, IGNORED[rule]) for rule in ("system_file", "office_lock", "partial_download", "hidden"))


def _walk(folder: Path) -> Iterator[Path]:
    """Files, links and other non-folders below a folder, sorted, and folders that cannot be opened.

    Links to folders are not followed.
    """
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda e: e.name)
    except PermissionError:
        yield folder
        return
    for entry in found:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        else:
            yield path


def readable(name: str) -> str:
    """A file name as text that every later step can store.

    The bytes decide, not the locale, which would give a file another name on another day. macOS writes names
    decomposed (NFD): without composing them the same file would have two names. Bytes
    that are not UTF-8 are a zip from a Chinese Windows: GB18030, or else they are shown as escapes.
    """
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")
