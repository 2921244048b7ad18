"""Workbooks in binary records, written by hand: .xls (BIFF 5 and 8) and .xlsb."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def _record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def biff(
    path: Path,
    rows: list[list[str | float | None]],
    version: int,
    page: int,
    encoding: str,
    is_1904: bool = False,
    code: bytes = b"000000",
    more: tuple[tuple[int, bytes], ...] = (),
) -> Path:
    """A workbook stream with one sheet, text in a code page (BIFF 5) or UTF-16 (8); `code`: format of numbers; `more`:
    further records of the workbook."""
    shown = struct.pack("<H", len(code)) + b"\x00" if version == 8 else struct.pack("<B", len(code))
    start = struct.pack("<HHHH", 0x600 if version == 8 else 0x500, 5, 2412, 1997)
    bound = struct.pack("<IBB", 0, 0, 0) + (b"\x01\x00s" if version == 8 else b"\x01s")
    style = struct.pack("<HHH", 0, 200, 1) + b"\x00" * (14 if version == 8 else 10)
    globals_ = [
        (0x809, start + (b"\x00" * 8 if version == 8 else b"")),
        (0x42, struct.pack("<H", page)),
        (0x22, struct.pack("<H", is_1904)),
        (0x41E, struct.pack("<H", 200) + shown + code),
        (0xE0, style),
        (0x85, bound),
        *more,
        (0x0A, b""),
    ]
    size = sum(4 + len(body) for _, body in globals_)
    globals_[5] = (0x85, struct.pack("<I", size) + bound[4:])
    sheet = [
        (0x809, struct.pack("<HHHH", 0x600 if version == 8 else 0x500, 16, 2412, 1997) + globals_[0][1][8:])
    ]
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            at = struct.pack("<HHH", r, c, 0)
            if value is None:
                continue
            if isinstance(value, str):
                raw = value.encode("utf-16-le") if version == 8 else value.encode(encoding)
                flag = b"\x01" if version == 8 else b""
                sheet.append(
                    (0x204, at + struct.pack("<H", len(value) if version == 8 else len(raw)) + flag + raw)
                )
            else:
                sheet.append((0x203, at + struct.pack("<d", value)))
    sheet.append((0x0A, b""))
    path.write_bytes(b"".join(_record(number, body) for number, body in [*globals_, *sheet]))
    return path


def old_biff(path: Path, rows: list[list[str | float]], version: int, codes: tuple[bytes, ...]) -> Path:
    """A workbook of BIFF 3 or 4, which is one sheet: numbers in the last of `codes`, formats by their order."""
    kind = {3: 0x200, 4: 0x400}[version]
    shown = [
        (0x1E, struct.pack("<B", len(code)) + code)
        if version == 3
        else (0x41E, struct.pack("<HB", 0, len(code)) + code)
        for code in codes
    ]
    style = struct.pack("<BB", 0, len(codes) - 1) + b"\0" * 10
    records = [(9 | kind, struct.pack("<HHH", 0, 0x10, 0)), (0x42, struct.pack("<H", 936)), *shown]
    records.append((0x43 | kind, style))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            at = struct.pack("<HHH", r, c, 0)
            if isinstance(value, str):
                raw = value.encode("gb18030")
                records.append((0x204, at + struct.pack("<H", len(raw)) + raw))
            else:
                records.append((0x203, at + struct.pack("<d", value)))
    path.write_bytes(b"".join(_record(*record) for record in [*records, (0x0A, b"")]))
    return path


def compound(path: Path, content: bytes, name: str = "Workbook") -> Path:
    path.write_bytes(compound_bytes(content, name))
    return path


def compound_bytes(content: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream."""
    content = content.ljust(4096, b"\0")
    sectors = -(-len(content) // 512)
    own = -(
        -(sectors + 1) // 127
    )  # sectors of the table itself, at the beginning; then the directory, the stream
    table = [0xFFFFFFFD] * own + [0xFFFFFFFE, *range(own + 2, own + sectors + 1), 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 10 + struct.pack("<IIIIIIII", own, own, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    entries = [_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0), _entry(name, 2, 0xFFFFFFFF, own + 1, len(content))]
    parts = [
        head + struct.pack("<109I", *range(own), *[0xFFFFFFFF] * (109 - own)),
        struct.pack(f"<{128 * own}I", *table, *[0xFFFFFFFF] * (128 * own - len(table))),
        b"".join(entries).ljust(512, b"\0"),
        content.ljust(512 * sectors, b"\0"),
    ]
    return b"".join(parts)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return raw.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<III", start, size, 0)


def _binary(number: int, body: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size = len(body)
    length = b""
    while size >= 128:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return head + length + bytes([size]) + body


def wide(text: str) -> bytes:
    """A text as .xlsb has it."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, cells: list[tuple[int, bytes, int]], shared: tuple[str, ...] = ()) -> Path:
    """A workbook with one sheet, 表: cells (record, body after the address, style) side by side in row 2, which is
    hidden as column B is; A1:C1 merged. Style 1 is 000000, style 2 a day."""
    sheet = [
        (129, b""),
        (148, struct.pack("<IIII", 1, 1, 0, len(cells) - 1)),
        (390, b""),
        (60, struct.pack("<IIIIH", 1, 1, 2560, 0, 1)),
        (391, b""),
        (145, b""),
        (0, struct.pack("<IIHBB", 1, 0, 300, 0, 0x10) + b"\x00" * 5),
    ]
    for column, (number, body, style) in enumerate(cells):
        sheet.append((number, struct.pack("<II", column, style) + body))
    sheet += [
        (146, b""),
        (177, b"\x01\x00\x00\x00"),
        (176, struct.pack("<IIII", 0, 0, 0, 2)),
        (178, b""),
        (130, b""),
    ]
    kinds = [struct.pack("<HH", 0, code) + b"\x00" * 12 for code in (0, 170, 14)]
    parts = {
        "_rels/.rels": f'<Relationships {_RELATIONS}><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.bin"/></Relationships>',
        "xl/workbook.bin": _binary(131)
        + _binary(153, b"\x00" * 12)
        + _binary(143)
        + _binary(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("表"))
        + _binary(144)
        + _binary(132),
        "xl/_rels/workbook.bin.rels": f"<Relationships {_RELATIONS}>"
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.bin"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.bin"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.bin"/></Relationships>',
        "xl/styles.bin": _binary(278)
        + _binary(615, b"\x01\x00\x00\x00")
        + _binary(44, struct.pack("<H", 170) + wide("000000"))
        + _binary(616)
        + _binary(617, b"\x03\x00\x00\x00")
        + b"".join(_binary(47, kind) for kind in kinds)
        + _binary(618)
        + _binary(279),
        "xl/sharedStrings.bin": _binary(159, struct.pack("<II", len(shared), len(shared)))
        + b"".join(_binary(19, b"\x00" + wide(text)) for text in shared)
        + _binary(160),
        "xl/worksheets/sheet1.bin": b"".join(_binary(number, body) for number, body in sheet),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
