"""What a file is, from its bytes: format, and for text its encoding.

Refuses the suffix as evidence, and refuses to pick between encodings: byte order mark, then strict
UTF-8, then strict GB18030, else the file is unreadable. GB18030 accepts nearly any bytes, so what it
yields must also look like text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol

import numpy as np
import pyarrow as pa

from flows.read.formats.container import of_compound, of_markup, of_zip

HEAD = 1 << 16
_SLICE = 8 << 20
_SAMPLE = 1 << 20

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = (
    (b"%PDF", "format_pdf"),
    (b"\x89PNG", "format_image"),
    (b"\xff\xd8\xff", "format_image"),
    (b"GIF8", "format_image"),
    (b"BM\x00", "format_image"),
    (b"II*\x00", "format_image"),
    (b"MM\x00*", "format_image"),
    (b"Rar!", "format_archive"),
    (b"7z\xbc\xaf", "format_archive"),
    (b"\x1f\x8b", "format_archive"),
    (b"BZh", "format_archive"),
    (b"\xfd7zXZ", "format_archive"),
    (b"{\\rtf", "format_word"),
    (b"SQLite format 3", "file_binary"),
    (b"PAR1", "file_binary"),
    (b"\x7fELF", "file_binary"),
    (b"MZ\x90", "file_binary"),
)
#: A workbook stream of old Excel without the compound file around it: the record that every one begins with.
_BIFF = (
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
#: Control characters no spreadsheet writes into text; Ctrl-Z is an old end-of-file mark.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_SUFFIXES = {
    "csv": {".csv", ".txt", ".tsv", ".tab", ".prn"},
    "xlsx": {".xlsx", ".xlsm", ".xltx", ".xltm"},
    "xlsb": {".xlsb"},
    "xls": {".xls", ".xlt", ".et", ".ett"},
    "ods": {".ods", ".ots", ".fods"},
    "html": {".htm", ".html", ".mht", ".mhtml"},
    "xml": {".xml"},
    "zip": {".zip"},
}


class Source(Protocol):
    """Something with bytes: a path, or a file in an archive."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO: ...


@dataclass(frozen=True)
class Sniffed:
    """`format`: csv, xlsx, xlsb, xls, ods, html, xml, zip; or `refused`: the code of the reason. `evidence`: what
    in the bytes says so. `skip`: bytes of the byte order mark."""

    format: str
    evidence: str = field(default="", kw_only=True)
    encoding: str | None = None
    skip: int = 0
    refused: str | None = None
    damaged: bool = False  # some byte sequences are invalid: rows that hold them are rejected


def suffix_fits(name: str, found: str) -> bool:
    """Whether a file's name promises the format that its bytes have."""
    return PurePosixPath(name).suffix.lower() in _SUFFIXES[found]


def sniff(source: Source) -> Sniffed:
    """Format and encoding of a file; never raises for what the bytes are, only `OSError`."""
    with source.open("rb") as stream:
        head = stream.read(HEAD)
        if not head.strip(b"\x00\t\n\r \xef\xbb\xbf\xff\xfe"):
            blank = not head.strip(b"\t\n\r \xef\xbb\xbf\xff\xfe")
            return _found("unknown", "file_empty" if blank else "file_binary", "nothing but blanks")
        if head.startswith(b"PK"):
            return _found(*of_zip(stream))
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            return _found(*of_compound(stream))
        if head.startswith(_BIFF):
            return Sniffed("xls", evidence="BIFF stream")
        for magic, code in _MAGIC:
            if head.startswith(magic):
                return _found(code.removeprefix("format_"), code, f"begins with {magic!r}")
        page = of_markup(head)
        return _found(*page) if page else _text(stream, head)


def _found(found: str, code: str | None, evidence: str) -> Sniffed:
    return Sniffed(found, refused=code, evidence=evidence)


def _text(stream: BinaryIO, head: bytes) -> Sniffed:
    for mark, encoding in _BOMS[1:]:
        if head.startswith(mark):
            return _sixteen(head[len(mark) :], encoding, len(mark))
    if guessed := _guess_sixteen(head):
        return _sixteen(head, guessed, 0)
    skip = 3 if head.startswith(codecs.BOM_UTF8) else 0
    marked = "byte order mark and " if skip else ""
    if len(_CONTROL.findall(head)) * 500 > len(head):
        return _found("binary", "file_binary", "control characters")
    if is_utf8(stream, skip):
        return Sniffed("csv", "utf-8", skip, evidence=f"{marked}strict UTF-8")
    broken_at = _first_invalid(stream)
    stream.seek(max(0, broken_at - _SAMPLE))
    before, after = stream.read(min(broken_at, _SAMPLE)), stream.read(_SAMPLE)
    if skip or _is_damaged_utf8(before, after):
        evidence = f"{marked}UTF-8 around damage, the first at byte {broken_at}"
        return Sniffed("csv", "utf-8", skip, damaged=True, evidence=evidence)
    return _gb18030(before + after)


def is_utf8(stream: BinaryIO, skip: int) -> bool:
    """Whether all bytes after the first `skip` are strict UTF-8 (Arrow's check: 2–3 GB a second)."""
    stream.seek(skip)
    rest = b""
    while block := stream.read(_SLICE):
        block = rest + block
        cut = len(block)
        # The last character, if longer than a byte, may be torn: it is left to the next block.
        while cut > max(0, len(block) - 3) and block[cut - 1] & 0xC0 == 0x80:
            cut -= 1
        cut -= cut > 0 and block[cut - 1] >= 0xC0
        rest = block[cut:]
        if not _is_valid(block[:cut]):
            return False
    return _is_valid(rest)


def _is_valid(text: bytes) -> bool:
    span = pa.py_buffer(np.array([0, len(text)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, span, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _first_invalid(stream: BinaryIO) -> int:
    """Offset of the first byte that is not UTF-8, or the size of the file."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    offset = 0
    while True:
        block = stream.read(_SLICE)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return offset - pending + error.start
        if not block:
            return offset
        offset += len(block)


def _is_damaged_utf8(before: bytes, after: bytes) -> bool:
    """Whether bytes that fail as UTF-8 were still written as such.

    Chinese text in GB18030 is valid UTF-8 by chance for a character or two, never for twenty in a row;
    and read as UTF-8 it is nearly all holes.
    """
    if sum(1 for byte in before[-_SAMPLE:] if byte >= 0xC0) >= 20:
        return True
    text = after.decode("utf-8", errors="replace")
    wide = sum(1 for char in text if "\u4e00" <= char <= "\u9fff")
    return wide >= 10 and text.count("\ufffd") * 20 < wide


def _gb18030(sample: bytes) -> Sniffed:
    # What the sample cuts through at its ends is at most three bytes each: allowed for below.
    text = sample.decode("gb18030", errors="replace")
    wide = [char for char in text if ord(char) >= 0x80]
    common, holes = sum(1 for char in wide if _is_common(char)), text.count("\ufffd")
    # Latin-1 or random bytes become rare characters and holes; Chinese text is nine tenths common ones.
    share = f"{100 * common // max(1, len(wide))} % common characters"
    if not common or common * 10 < len(wide) * 6 or holes * 5 > common:
        return _found("unknown", "encoding_unknown", f"not UTF-8; as GB18030 {share}")
    return Sniffed(
        "csv", "gb18030", damaged=holes > 0, evidence=f"{'damaged' if holes else 'strict'} GB18030, {share}"
    )


def _is_common(char: str) -> bool:
    """A character of GB2312 (6,763 hanzi, punctuation, full-width forms)."""
    try:
        return len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _guess_sixteen(head: bytes) -> str | None:
    """UTF-16 without a mark: separators and line ends show as zero bytes on one side only."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    pairs = max(1, len(head) // 2)
    if odd * 20 >= pairs and even * 50 <= odd:
        return "utf-16-le"
    if even * 20 >= pairs and odd * 50 <= even:
        return "utf-16-be"
    return None


def _sixteen(body: bytes, encoding: str, skip: int) -> Sniffed:
    """UTF-16, with damage in places only if a byte order mark (`skip` > 0) says that it is that."""
    text = body[: len(body) // 2 * 2].decode(encoding, errors="replace")
    holes = text.rstrip("\ufffd").count("\ufffd")
    odd = text.count("\x00") + len(_CONTROL.findall(text.encode("utf-8", "replace")))
    if odd * 500 > len(text) or holes * 10 > (len(text) if skip else 0):
        return _found("unknown", "encoding_unknown" if skip else "file_binary", f"no text as {encoding}")
    evidence = f"{'byte order mark' if skip else 'zero bytes on one side'} of {encoding.upper()}"
    return Sniffed("csv", encoding, skip, damaged=holes > 0, evidence=evidence)
