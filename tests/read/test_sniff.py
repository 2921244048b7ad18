"""Bytes decide what a file is; each kind that is not read has its own reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from flows.read.formats.file_format import sniff
from tests.read.forms import HEADER, case_rows, codes, csv_file, read, rows_of, workbook

TEXT = "案号,受理日期,用人单位\n调1,2015-03-01,永川机械厂\n"


def package(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def compound(*names: str) -> bytes:
    """A compound file of which only the directory is there."""
    entries = b"".join(
        (name.encode("utf-16-le").ljust(64, b"\x00") + (2 * len(name) + 2).to_bytes(2, "little")).ljust(
            128, b"\x00"
        )
        for name in ("Root Entry", *names)
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + entries


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\r\n \t\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\x00" * 3000, "file_binary"),
        (bytes(range(256)) * 40, "file_binary"),
        (b"\x7fELF" + b"\x01" * 100, "file_binary"),
        (b"PK\x03\x04" + b"\x14\x00" * 50, "workbook_broken"),
        (package(**{"word__document.xml": "<w/>"}), "format_word"),
        (package(**{"ppt__presentation.xml": "<w/>", "[Content_Types].xml": ""}), "file_binary"),
        (compound("EncryptedPackage"), "file_encrypted"),
        (compound("WordDocument"), "format_word"),
        (compound("PowerPoint Document"), "format_compound"),
        (compound("WpsContents"), "format_compound"),
        (b"Rar!\x1a\x07\x00" + b"\x00" * 40, "format_archive"),
        (b"%PDF-1.4\n", "format_pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "format_image"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, "format_image"),
        (b'<?xml version="1.0"?><Workbook/>', "format_markup"),
        ("café,naïve,übermäßig,señor\n".encode("latin-1") * 30, "encoding_unknown"),
    ],
)
def test_refused_with_its_own_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "报表.csv"
    path.write_bytes(content)
    reading = read(path)
    assert codes(reading) == [code]
    assert reading.tables == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (package(**{"xl__workbook.bin": "x"}), "workbook_broken"),
        (package(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "workbook_broken"),
        (compound("Workbook"), "workbook_broken"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "workbook_broken"),
        (b"<html><body><p>404 Not Found</p></body></html>", "format_markup"),
        (b"<html><table><tr><td>1</td><td>2</td></tr></table></html>", "table_unrecognised"),
    ],
)
def test_bytes_that_only_look_like_a_workbook(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "报表.csv"
    path.write_bytes(content)
    assert codes(read(path)) == ["suffix_wrong", code]


@pytest.mark.parametrize(
    ("content", "form", "evidence"),
    [
        (TEXT.encode(), "csv", "strict UTF-8"),
        (TEXT.encode("utf-8-sig"), "csv", "byte order mark and strict UTF-8"),
        (TEXT.encode("gb18030") * 9, "csv", "strict GB18030, 100 % common characters"),
        (TEXT.encode("utf-16"), "csv", "byte order mark of UTF-16-LE"),
        (TEXT.encode("utf-16-be"), "csv", "zero bytes on one side of UTF-16-BE"),
        (package(**{"xl__workbook.xml": "x"}), "xlsx", "zip with xl/workbook.xml"),
        (package(**{"a.csv": TEXT}), "zip", "zip of 1 entries"),
        (compound("Workbook"), "xls", "compound file with Workbook"),
        (b"%PDF-1.4", "pdf", "begins with b'%PDF'"),
    ],
)
def test_the_evidence_says_why(tmp_path: Path, content: bytes, form: str, evidence: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert (sniff(path).format, sniff(path).evidence) == (form, evidence)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, found: str) -> None:
    path = tmp_path / "2015年调解.csv"
    path.write_bytes(TEXT.encode(encoding))
    reading = read(path)
    assert reading.encoding == found
    assert rows_of(reading) == [
        {"row_number": 2, "case_no": "调1", "accepted_on": "2015-03-01", "employer": "永川机械厂"}
    ]


def test_characters_beyond_gbk_are_read(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "2015年调解.csv", [HEADER, ["调1", "2015-03-01", "㐂𠮷厂"]], "gb18030")
    assert rows_of(read(path))[0]["employer"] == "㐂𠮷厂"


def test_chinese_far_into_an_ascii_file_still_decides(tmp_path: Path) -> None:
    filler = [["a" * 50, "2015-03-01", "b"] for _ in range(40_000)]
    path = csv_file(tmp_path / "2015.csv", [*filler, ["案号", "调解", "永川机械厂"]], "gb18030")
    assert sniff(path).encoding == "gb18030"


@pytest.mark.parametrize("length", range(1, 9))
def test_a_character_torn_by_a_block_border_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr("flows.read.formats.file_format._SLICE", length)
    path = tmp_path / "x.csv"
    path.write_text(TEXT + "𠮷é", encoding="utf-8")
    assert sniff(path).encoding == "utf-8"
    path.write_bytes((TEXT * 3 + "𠮷").encode() + b"\xf0\xa0")
    assert sniff(path).damaged


def test_wrong_suffix_is_read_by_content_and_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "2015年调解.csv", {"一": [HEADER, *case_rows(2)]})
    reading = read(path)
    assert codes(reading) == ["suffix_wrong"]
    assert len(rows_of(reading)) == 2
    path = csv_file(tmp_path / "2015年调解.xlsx", [HEADER, *case_rows(2)])
    assert codes(read(path)) == ["suffix_wrong"]


def test_truncated_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", {"一": [HEADER, *case_rows(500)]}).read_bytes()
    path = tmp_path / "b.xlsx"
    for share in (10, 50, 90, 99):
        path.write_bytes(whole[: len(whole) * share // 100])
        assert codes(read(path)) == ["workbook_broken"]
