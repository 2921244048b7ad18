"""The lines of a text file: blocks of whole lines in UTF-8, whatever the file's own encoding and line ends.

Refuses to repair bytes: a line that cannot be decoded, or that never ends, keeps its number and is marked
with the reason. The lines around it are not made to suffer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from flows.read.formats.file_format import Sniffed, Source
from flows.read.formats.process.payload import LOST

BLOCK = 4 << 20
_COUNTED = 4 << 20
#: A line that fills so much without an end is passed over.
LONGEST = 8 << 20


@dataclass
class Block:
    """Whole lines in UTF-8, ended by \\n or all by \\r\\n; `bad`: line number → why it is unreadable."""

    content: bytes
    first_line: int
    bad: dict[int, str] = field(default_factory=dict)
    lines: int = field(init=False)
    end_bytes: int = field(init=False)  # of all line ends: one or two a line

    def __post_init__(self) -> None:
        self.lines = int(np.count_nonzero(np.frombuffer(self.content, dtype=np.uint8) == 10))
        self.end_bytes = self.lines + (self.content.count(b"\r") if b"\r" in self.content else 0)

    def texts(self) -> list[str]:
        """The lines without their ends."""
        return self.content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")[:-1]

    def below(self, after: int) -> Block:
        """The lines with a number greater than `after`."""
        if self.first_line > after:
            return self
        position = 0
        for _ in range(after - self.first_line + 1):
            position = self.content.find(b"\n", position) + 1
            if position == 0:
                return Block(b"", after + 1)
        bad = {line: code for line, code in self.bad.items() if line > after}
        return Block(self.content[position:], after + 1, bad)


def is_long(source: Source) -> bool:
    """Whether a file has more than one block."""
    with source.open("rb") as stream:
        return stream.seek(0, 2) > BLOCK


def is_escaped(source: Source) -> bool:
    """Whether quotes are written as `\\"` anywhere, as some programs do; no spreadsheet reads them back so."""
    last = b""
    with source.open("rb") as stream:
        while raw := stream.read(_COUNTED):
            if (b"\\" in raw and b'\\"' in raw) or (last == b"\\" and raw[:1] == b'"'):
                return True
            last = raw[-1:]
    return False


def count_lines(source: Source, sniffed: Sniffed) -> int:
    """Lines of the file as its bytes have them: \\r\\n, \\n and \\r each end one, and what follows the last is one.

    Shares nothing with `blocks`, so that each checks the other.
    """
    ends, last = 0, 10
    with source.open("rb") as stream:
        stream.seek(sniffed.skip)
        while raw := stream.read(_COUNTED):
            if (sniffed.encoding or "").startswith("utf-16"):
                # half a unit at the end of a file is a line's last sign like any other
                order = "<u2" if sniffed.encoding == "utf-16-le" else ">u2"
                units = np.frombuffer(raw + b"\xff" * (len(raw) % 2), dtype=order)
                raw = np.where(units < 128, units, 128).astype(np.uint8).tobytes()
            ends += raw.count(b"\n")
            if b"\r" in raw:
                ends += raw.count(b"\r") - raw.count(b"\r\n")
            ends -= last == 13 and raw[0] == 10
            last = raw[-1]
    return ends + int(last not in (10, 13))


def blocks(source: Source, sniffed: Sniffed, size: int = 0) -> Iterator[Block]:
    """The file as blocks of about `size` (else `BLOCK`) bytes, read as they are asked for."""
    line, rest, too_long = 1, b"", False
    encoding = sniffed.encoding or "utf-8"
    newline = "\n".encode(encoding)
    with source.open("rb") as stream:
        stream.seek(sniffed.skip)
        while raw := stream.read(size or BLOCK):
            content = rest + raw
            cut = _last_line_end(content, newline)
            if cut == 0:
                too_long = too_long or len(content) >= LONGEST
                # Of an endless line only the beginning is kept, and what may be half a character.
                rest = content[: 1 << 10] + content[len(content) // 4 * 4 :] if too_long else content
                continue
            rest = content[cut:]
            block = _block(content[:cut], line, sniffed, too_long)
            too_long = False
            line += block.lines
            yield block
    if rest:
        yield _block(rest + newline, line, sniffed, too_long)


def _block(content: bytes, line: int, sniffed: Sniffed, too_long: bool) -> Block:
    bad: dict[int, str] = {}
    if sniffed.encoding == "utf-8" and not sniffed.damaged:
        text = content
    else:
        text, bad = _decode(content, sniffed.encoding or "utf-8", line)
    if too_long:
        bad[line] = "line_too_long"
    if b"\x00" in text:
        text = text.replace(b"\x00", LOST.encode())
    block = Block(text, line, bad)
    returns = block.end_bytes - block.lines
    if returns and (returns != block.lines or text.count(b"\r\n") != returns):
        return Block(text.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), line, bad)
    return block


def _decode(content: bytes, encoding: str, line: int) -> tuple[bytes, dict[int, str]]:
    """Lines in UTF-8 and, line by line, those that do not decode."""
    try:
        return content.decode(encoding).encode("utf-8"), {}
    except UnicodeError:
        pass
    if encoding.startswith("utf-16"):
        # A lone surrogate or half a unit shows as a surrogate, which no line may hold.
        whole = content[: len(content) // 2 * 2].decode(encoding, errors="surrogatepass")
        lines = _split(whole + ("\udc00" if len(content) % 2 else ""), "\r\n", "\r", "\n")
        bad = {line + i: "bytes_undecodable" for i, text in enumerate(lines) if _has_surrogate(text)}
        return "\n".join(lines).encode("utf-8", "replace") + (b"\n" if len(content) % 2 else b""), bad
    out, bad = [], {}
    for index, raw in enumerate(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")):
        try:
            out.append(raw.decode(encoding))
        except UnicodeDecodeError:
            out.append(raw.decode(encoding, errors="replace"))
            bad[line + index] = "bytes_undecodable"
    return "\n".join(out).encode("utf-8"), bad


def _split(text: str, *ends: str) -> list[str]:
    for end in ends[:-1]:
        text = text.replace(end, ends[-1])
    return text.split(ends[-1])


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _last_line_end(content: bytes, newline: bytes) -> int:
    """Where the last whole line ends; 0 if there is none. UTF-16 units are looked at where they begin."""
    if len(newline) == 2:
        cut = content.rfind(newline)
        while cut > 0 and cut % 2:
            cut = content.rfind(newline, 0, cut + 1)
        return max(0, cut + 2) if cut >= 0 else 0
    cut = content.rfind(b"\n") + 1
    # A lone \r at the very end may be half of \r\n: the line end before it is used.
    return cut or content.rfind(b"\r", 0, len(content) - 1) + 1
