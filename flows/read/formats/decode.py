"""Markup as text: byte order mark, then strictly what the document declares, UTF-8, GB18030.

Refuses bytes that none of these decodes. Part of the child process: standard library alone.
"""

from __future__ import annotations

import codecs
import re

from flows.read.formats.process.fault import WorkbookError

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_CHINESE = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
}


def decoded(content: bytes, declared: str = "") -> str:
    """The text of a document; `declared` by who sent it, else the document itself is asked."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strict(content[len(mark) :], encoding) or ""
    found = _DECLARED.search(content[:4096])
    named = (declared or (found[1].decode("ascii", "replace") if found else "")).lower()
    if content[:2] in (b"<\x00", b"\x00<"):
        named = "utf-16-le" if content[0] else "utf-16-be"
    for encoding in (_CHINESE.get(named, named), "utf-8", "gb18030"):
        if encoding and (text := _strict(content, encoding)) is not None:
            return text
    raise WorkbookError("workbook_garbled")


def _strict(content: bytes, encoding: str) -> str | None:
    # Latin-1 and its like accept anything: what declares one by habit is decoded by the ladder instead.
    if encoding in ("iso-8859-1", "latin-1", "latin1", "windows-1252", "us-ascii", "ascii"):
        return None
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
