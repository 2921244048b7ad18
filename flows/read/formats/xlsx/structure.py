"""What a worksheet part says beside its cells: merged ranges, hidden rows, hidden columns.

Looked for only where a byte scan shows it, so that plain sheets pay for a scan. Part of the child process: standard
library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.contract.text import column_number
from flows.read.formats.process.payload import SheetStructure, whole

_TAG = re.compile(rb"<(?:row|col)\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b(\w+)="([^"]*)"')
_MERGE = re.compile(rb'<mergeCell\b[^>]*?\bref="\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?"')


def look_around(head: bytes, tail: bytes, structure: SheetStructure) -> None:
    """Add to `structure` what stands before and after the rows."""
    if b"<mergeCell " in tail:
        for a, b, c, d in _MERGE.findall(tail):
            structure.merges.append(
                (int(b), column_number(a.decode()), int(d or b), column_number((c or a).decode()))
            )
    if b"<col " in head:
        for given in _given(head, b"col"):
            if _is_hidden(given, "width"):
                structure.hide_columns(whole(given, "min"), whole(given, "max"))


def look_at_rows(piece: bytes, structure: SheetStructure) -> None:
    """Add to `structure` which rows are hidden."""
    if b" hidden=" in piece or b' ht="0' in piece:
        rows = {whole(given, "r", 0) for given in _given(piece, b"row") if _is_hidden(given, "ht")}
        structure.hidden_rows |= rows - {0}


def _given(content: bytes, name: bytes) -> Iterator[dict[str, str]]:
    for tag in _TAG.findall(content):
        if tag.startswith(b"<" + name + b" "):
            yield dict(_ATTRIBUTE.findall(tag.decode("utf-8", "replace")))


def _is_hidden(given: dict[str, str], size: str) -> bool:
    try:
        return given.get("hidden") in ("1", "true", "on") or float(given.get(size, "1")) == 0
    except ValueError:
        return False
