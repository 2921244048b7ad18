"""What a zip, a compound file or a document of tags holds, by the names inside.

Refuses what is no table, each kind with its own code, so that a district learns what it sent.
"""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

from flows.read.formats.package import BROKEN_ZIP

#: Format, the code of the reason if it is refused, and what in the bytes says so.
Finding = tuple[str, str | None, str]

_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|\?xml|table|thead|tbody|tr|meta|head|title|style|script|body|div|center|font|p>|span|form|xml)",
    re.IGNORECASE | re.DOTALL,
)
#: What is looked at of a part before its file is opened elsewhere.
_PEEK = 1 << 20
_OPEN_DOCUMENT = re.compile(rb"opendocument\.[a-z]+|<office:(?:spreadsheet|text|presentation|drawing)\b")
#: Where the workbook of a package lies as a rule, what its list of types calls it wherever it lies, the format.
_MAIN = (
    ("xl/workbook.bin", b"ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    ("xl/workbook.xml", b"spreadsheetml.sheet.main", "xlsx"),
    ("xl/workbook.xml", b"spreadsheetml.template.main", "xlsx"),
    ("xl/workbook.xml", b"ms-excel.sheet.macroEnabled.main", "xlsx"),
    ("xl/workbook.xml", b"ms-excel.template.macroEnabled.main", "xlsx"),
)
_MIME = re.compile(rb"\s*(?:mime-version|content-type|from|date|subject|x-[\w-]+)\s*:", re.IGNORECASE)


def of_markup(head: bytes) -> Finding | None:
    """What a document of tags is; whether a page has a table shows when it is read."""
    # In UTF-16 every other byte of a tag is zero.
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\x00", b"")
    if _MIME.match(start) and re.search(rb"multipart/related|text/html", start[:4096], re.IGNORECASE):
        return "html", None, "MIME header of a saved page"
    if not _MARKUP.match(start):
        return None
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start.lower():
        return "xml", None, "namespace of SpreadsheetML 2003"
    if b"application/vnd.oasis.opendocument.spreadsheet" in start:
        return "ods", None, "flat OpenDocument spreadsheet"
    if start.lstrip().startswith(b"<?xml") and not re.search(
        rb"<(?:html|table|body)\b", start, re.IGNORECASE
    ):
        return "markup", "format_markup", "XML of another kind"
    return "html", None, "begins with a tag of a page"


def of_zip(stream: BinaryIO) -> Finding:
    """The format of a zip, by the parts it has."""
    try:
        with zipfile.ZipFile(stream) as package:
            names = {info.filename.lower().replace("\\", "/"): info for info in package.infolist()}
            encrypted = any(info.flag_bits & 1 for info in names.values())

            def begin(name: str) -> bytes:
                if name not in names or encrypted:
                    return b""
                with package.open(names[name]) as part:
                    return part.read(_PEEK)

            mime, types = begin("mimetype")[:100], begin("[content_types].xml")
            # Without the entry that says so, the list of parts does, or the content itself.
            if not mime and "content.xml" in names:
                mime = b"".join(
                    _OPEN_DOCUMENT.findall(begin("meta-inf/manifest.xml") + begin("content.xml"))[:1]
                )
    except BROKEN_ZIP:
        return "zip", "workbook_broken", "zip without a readable directory"
    if encrypted:
        return "zip", "file_encrypted", "zip with encrypted members"
    for part, declared, found in _MAIN:
        if any(name.endswith(part) for name in names):
            return found, None, f"zip with {part}"
        if declared in types:
            return found, None, f"zip with {declared.decode()}"
    if types and any(name.startswith("xl/") for name in names):
        return "xlsx", "workbook_broken", "zip with xl/ and no workbook in it"
    if b"spreadsheet" in mime:
        return "ods", None, "zip with a spreadsheet of OpenDocument"
    if b"text" in mime or any(name.startswith("word/") for name in names):
        return "word", "format_word", "zip with a text document"
    if mime or types or any(name.startswith(("ppt/", "index/")) for name in names):
        return "zip", "file_binary", "zip with a document that is no spreadsheet"
    return "zip", None, f"zip of {len(names)} entries"


def of_compound(stream: BinaryIO) -> Finding:
    """An OLE container: the names in its directory tell .xls, .doc and encrypted .xlsx apart."""
    stream.seek(0)
    content = stream.read(64 << 20)
    names = {name for name in _STREAMS if _has_entry(content, name)}
    evidence = f"compound file with {' and '.join(sorted(names)) or 'no stream that we know'}"
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        return "xlsx", "file_encrypted", evidence
    # A text may hold a workbook and the other way round: the class of the root entry decides.
    root = content.find("Root Entry".encode("utf-16-le"))
    is_text = content[root + 80 : root + 84] in (b"\x06\x09\x02\x00", b"\x00\x09\x02\x00")
    has_workbook = not names.isdisjoint(("Workbook", "Book"))
    if "WordDocument" in names and (is_text or not has_workbook):
        return "word", "format_word", evidence
    if has_workbook:
        return "xls", None, evidence
    return "ole", "format_compound", evidence


_STREAMS = ("EncryptedPackage", "EncryptionInfo", "Workbook", "Book", "WordDocument", "PowerPoint Document")


def _has_entry(content: bytes, name: str) -> bool:
    """Whether the directory has an entry of that name in any case: 128 bytes from a multiple of 128, the name's size
    at 64."""
    raw = name.encode("utf-16-le") + b"\x00\x00"
    size = len(raw).to_bytes(2, "little")
    found = re.finditer(re.escape(raw), content, re.IGNORECASE)
    return any(m.start() % 128 == 0 and content[m.start() + 64 : m.start() + 66] == size for m in found)
