"""The other formats that a table comes in: the same rows, whatever the file is."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from pathlib import Path

import pytest
import python_calamine

from flows.read import close_readers
from flows.read.formats.process import workbooks as sheet
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.workbooks import read_workbook
from tests.read.binary import biff, wide, xlsb
from tests.read.forms import HEADER, case_rows, codes, csv_file, is_explained, read, rows_of, workbook
from tests.read.packages import rows_in

DATA = Path(__file__).with_name("data")
TITLE = ["案号", "受理日期", "用人单位", "编号", "率", "错", "空算", "布尔", "时", "身份证", "月"]
ROW = ["调1", "2015-09-01", "永川机械厂", "000007", "85.6%", "#DIV/0!", None]
REST = ["08:30:00", "5.00118199001011E+17", "2015年9月"]


@pytest.mark.parametrize(("name", "form", "true"), [("biff8.xls", "xls", "是"), ("calc.ods", "ods", "1")])
def test_what_libreoffice_wrote(name: str, form: str, true: str) -> None:
    """One workbook of openpyxl as LibreOffice 7.4 saved it; in .ods it made a number of the boolean."""
    shown, hidden = read_workbook(DATA / name, form)
    rows = rows_in(shown)
    assert rows[1] == TITLE
    assert rows[2] == [*ROW, true, *REST]
    assert [row[0] for row in rows.values()] == ["案号", "调1", "隐", "合计"]
    assert shown.structure.merges == [(4, 1, 4, 3)]
    assert (shown.structure.hidden_rows, shown.structure.hidden_columns) == ({3}, {8})
    assert (hidden.sheet, hidden.structure.is_hidden) == ("密", True)


@pytest.mark.parametrize(
    ("version", "page", "encoding"),
    [
        (5, 936, "gb18030"),
        (5, 10008, "gb18030"),
        (5, 950, "big5"),
        (5, 10002, "big5"),
        (5, 1252, "cp1252"),
        (5, 10000, "mac_roman"),
        (5, 932, "shift_jis"),
        (8, 1200, "utf-16-le"),
    ],
)
def test_old_workbooks_in_their_code_page(tmp_path: Path, version: int, page: int, encoding: str) -> None:
    text = {"cp1252": "café", "mac_roman": "naïve", "shift_jis": "永川カ"}.get(encoding, "永川工會")
    path = biff(tmp_path / "a.xls", [[text, "x"], [7.0]], version, page, encoding)
    (grid,) = read_workbook(path, "xls")
    assert rows_in(grid) == {1: [text, "x"], 2: ["000007", None]}


@pytest.mark.parametrize(("is_1904", "day"), [(False, "2011-08-31"), (True, "2015-09-01")])
def test_old_workbooks_count_days_from_their_own_epoch(tmp_path: Path, is_1904: bool, day: str) -> None:
    path = biff(tmp_path / "a.xls", [[40786.0]], 8, 1200, "", is_1904, b"yyyy-mm-dd")
    (grid,) = read_workbook(path, "xls")
    assert rows_in(grid) == {1: [day]}


def test_text_that_comes_out_as_control_characters_is_refused(tmp_path: Path) -> None:
    path = biff(tmp_path / "a.xls", [["丁七"]], 5, 1252, "utf-16-le")
    with pytest.raises(WorkbookError, match="workbook_garbled"):
        read_workbook(path, "xls")


def test_binary_workbooks_keep_the_kind_of_a_cell(tmp_path: Path) -> None:
    cells = [
        (7, struct.pack("<I", 0), 0),
        (6, wide("行内"), 0),
        (62, b"\x00" + wide("富文本"), 0),
        (5, struct.pack("<d", 7.0), 1),
        (5, struct.pack("<d", 42248.0), 2),
        (2, struct.pack("<I", 123 << 2 | 2), 0),
        (2, struct.pack("<I", 12345 << 2 | 3), 0),
        (2, struct.pack("<d", 1.5)[4:], 0),
        (2, struct.pack("<i", -7 << 2 | 2), 0),
        (3, b"\x2a", 0),
        (4, b"\x01", 0),
        (8, wide("算") + b"\x00\x00", 0),
        (9, struct.pack("<d", 0.5), 0),
        (10, b"\x00", 0),
        (11, b"\x07", 0),
        (1, b"", 0),
        (5, struct.pack("<d", 500118199001011234.0), 0),
    ]
    path = xlsb(tmp_path / "a.xlsb", cells, ("共享",))
    (grid,) = read_workbook(path, "xlsb")
    found = rows_in(grid)[2]
    assert found == [
        "共享",
        "行内",
        "富文本",
        "000007",
        "2015-09-01",
        "123",
        "123.45",
        "1.5",
        "-7",
        "#N/A",
        "是",
        "算",
        "0.5",
        "否",
        "#DIV/0!",
        None,
        "5.00118199001011E+17",
    ]
    assert grid.structure.merges == [(1, 1, 1, 3)]
    assert (grid.structure.hidden_rows, grid.structure.hidden_columns) == ({2}, {2})
    theirs = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[-1]
    ours = [cell or "" for cell in found]
    assert [str(t) for t in theirs[:2]] == ours[:2]
    assert [float(theirs[i]) for i in (5, 6, 7, 8, 12)] == [123, 123.45, 1.5, -7, 0.5]  # type: ignore[arg-type]


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{charset}"><style>td{{}}</style>
<title>不算</title></head><body><h2>2015年劳动争议调解台账</h2>
<table><tr><th>案号<th>受理<br>日期</th><th>用人单位</th></tr>
<tr><td rowspan=2>调1</td><td>2015-03-01</td><td><b>甲</b>&amp;乙&nbsp;厂</td></tr>
<tr style="display:none"><td colspan="2">见上</td></tr>
<tr><td>调2<td>2015-03-02<td><table><tr><td>内</td><td>表</td></tr></table></tr>
</table><p>填表人：某</p><script>var a = "<table>";</script></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_a_web_page_under_the_name_of_a_workbook(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "调解.xls"
    path.write_bytes(PAGE.format(charset=charset).encode("utf-8" if charset == "utf-8" else "gb18030"))
    (grid,) = read_workbook(path, "html")
    assert rows_in(grid) == {
        1: ["2015年劳动争议调解台账", None, None],
        2: ["案号", "受理\n日期", "用人单位"],
        3: ["调1", "2015-03-01", "甲&乙\xa0厂"],
        4: [None, "见上", None],
        5: ["调2", "2015-03-02", "内表"],
        6: ["填表人：某", None, None],
    }
    assert grid.structure.merges == [(3, 1, 4, 1), (4, 2, 4, 3)]
    assert grid.structure.hidden_rows == {4}
    reading = read(path)
    assert codes(reading)[0] == "suffix_wrong"


def test_a_page_saved_with_its_parts(tmp_path: Path) -> None:
    table = "<table><tr><td>{}</td><td>受理日期</td></tr></table>"
    parts = "".join(
        f'--b\r\nContent-Location: file:///C:/x/sheet{n}.htm\r\nContent-Type: text/html; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: 8bit\r\n\r\n{table.format(text)}\r\n"
        for n, text in (("001", "案号"), ("002", "调解号"), ("001", "案件编号"))
    )
    path = tmp_path / "a.xls"
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    path.write_bytes(f"{head}{parts}--b--\r\n".encode())
    grids = read_workbook(path, "html")
    assert [(g.sheet, rows_in(g)[1][0]) for g in grids] == [
        ("sheet001", "案号"),
        ("sheet002", "调解号"),
        ("sheet001#2", "案件编号"),
    ]


XML = """<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles>
<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style><Style ss:ID="z"><NumberFormat ss:Format="000"/></Style>
<Style ss:ID="m"><NumberFormat ss:Format="yyyy&quot;年&quot;m&quot;月&quot;"/></Style></Styles>
<Worksheet ss:Name="台账"><Table><Column ss:Index="2" ss:Hidden="1" ss:Span="1"/><Row ss:Index="3" ss:Hidden="1">
<Cell ss:MergeAcross="1"><Data ss:Type="String">甲<B>乙</B></Data><Comment><ss:Data>注</ss:Data></Comment></Cell>
<Cell ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell><Cell ss:StyleID="z"><Data ss:Type="Number">7</Data></Cell>
<Cell ss:StyleID="m"><Data ss:Type="DateTime">2015-09-01T00:00:00.000</Data></Cell>
<Cell><Data ss:Type="DateTime">2015-09-01T08:30:00.000</Data></Cell><Cell ss:Formula="=A1"/>
<Cell><Data ss:Type="Error">#N/A</Data></Cell><Cell><Data ss:Type="Boolean">1</Data></Cell>
<Cell ss:Index="12"><Data ss:Type="String">末</Data></Cell></Row></Table>
<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>
</Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "utf-16"])
def test_a_workbook_in_one_xml_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(XML.format(encoding=encoding).encode(encoding))
    (grid,) = read_workbook(path, "xml")
    assert rows_in(grid) == {
        3: [
            "甲乙",
            None,
            "50%",
            "007",
            "2015年9月",
            "2015-09-01 08:30:00",
            "#未计算!",
            "#N/A",
            "是",
            None,
            None,
            "末",
        ]
    }
    structure = grid.structure
    assert (structure.merges, structure.hidden_rows, structure.hidden_columns, structure.is_hidden) == (
        [(3, 1, 3, 2)],
        {3},
        {2, 3},
        True,
    )
    assert "suffix_wrong" in codes(read(path))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FAR = {
    "html across": "<table><tr>" + '<td colspan="100000">x</td>' * 20 + "</tr></table>",
    "html down": '<table><tr><td rowspan="100000000">x</td><td>y</td></tr></table>',
    "xml row": XML.format(encoding="utf-8").replace('ss:Index="3"', 'ss:Index="99999999"'),
    "xml column": XML.format(encoding="utf-8").replace('ss:Index="12"', 'ss:Index="99999"'),
    "xml entities": XML.format(encoding="utf-8")
    .replace("<Workbook", BOMB + "<Workbook", 1)
    .replace("甲<", "&b;<"),
}


@pytest.mark.parametrize("form", FAR)
def test_markup_that_claims_the_moon(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.xls"
    path.write_text(FAR[form], encoding="utf-8")
    start = time.perf_counter()
    found = codes(read(path))
    assert time.perf_counter() - start < 10
    if form != "html down":
        assert found[-1] in ("workbook_too_large", "workbook_broken")


def ods(path: Path, table: str) -> Path:
    """A document with one table."""
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = f"<office:document-content {names}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def test_blank_rows_and_columns_that_are_repeated_a_million_times_cost_nothing(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16381"/>'
    head = "".join(cell(text) for text in HEADER) + blank
    data = "".join(cell(text) for text in case_rows(1)[0]) + blank
    path = ods(
        tmp_path / "2015年调解.ods",
        f'<table:table table:name="台账"><table:table-row>{head}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{data}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="1048500">{blank}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="73">{blank}</table:table-row></table:table>',
    )
    reading = read(path)
    assert codes(reading) == []
    assert [row["row_number"] for row in rows_of(reading)] == [2, 3]
    assert is_explained(reading)


@pytest.mark.parametrize("more", ["table:number-rows-repeated", "table:number-columns-repeated"])
def test_text_that_is_repeated_a_million_times_is_too_large(tmp_path: Path, more: str) -> None:
    where = f'{more}="1048576"'
    row, inner = (where, cell("x") * 20) if "rows" in more else ("", cell("x", where))
    path = ods(
        tmp_path / "a.ods", f"<table:table><table:table-row {row}>{inner}</table:table-row></table:table>"
    )
    assert codes(read(path)) == ["workbook_too_large"]


def test_sheets_of_one_name_in_several_files_of_an_archive_have_addresses_of_their_own(
    tmp_path: Path,
) -> None:
    books = {
        f"2015年{month}月调解.xlsx": workbook(
            tmp_path / "a.xlsx", {"Sheet1": [HEADER, *case_rows(month)]}
        ).read_bytes()
        for month in (1, 2)
    }
    text = csv_file(tmp_path / "a.csv", [HEADER, *case_rows(3)]).read_bytes()
    reading = read(archive(tmp_path / "上报.zip", {**books, "2015年3月调解.csv": text}))
    assert [(t.sheet, t.covers_from.month) for t in reading.tables if t.covers_from] == [
        ("2015年1月调解.xlsx/Sheet1", 1),
        ("2015年2月调解.xlsx/Sheet1", 2),
        ("2015年3月调解.csv", 3),
    ]
    assert [len(rows_of(reading, i)) for i in range(3)] == [1, 2, 3]
    assert {sheet for sheet, _ in reading.account} == {t.sheet for t in reading.tables}
    assert is_explained(reading)


def archive(path: Path, members: dict[str, bytes], encoding: str = "utf-8") -> Path:
    """A zip whose names are written in an encoding that it does not declare."""
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name), content)
    raw = path.read_bytes()
    if encoding != "utf-8":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for n, (name, content) in enumerate(members.items()):
                mark = chr(ord("Q") + n) * len(name.encode(encoding))
                package.writestr(zipfile.ZipInfo(mark), content)
        raw = out.getvalue()
        for n, name in enumerate(members):
            coded = name.encode(encoding)
            raw = raw.replace(chr(ord("Q") + n).encode() * len(coded), coded)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_each_file_of_an_archive_is_read(tmp_path: Path, encoding: str) -> None:
    book = workbook(tmp_path / "a.xlsx", {"一": [HEADER, *case_rows(2)]}).read_bytes()
    text = csv_file(tmp_path / "a.csv", [HEADER, *case_rows(3)], "gb18030").read_bytes()
    members = {
        "永川区劳动争议调解台账二〇一五年/2015年上半年调解.xlsx": book,
        "永川区劳动争议调解台账二〇一五年/2015年下半年调解.csv": text,
        "永川区劳动争议调解台账二〇一五年/说明书说明书说明书.pdf": b"%PDF-1.4 x",
    }
    path = archive(tmp_path / "上报.zip", members, encoding)
    reading = read(path)
    assert [len(rows_of(reading, i)) for i in range(2)] == [2, 3]
    assert [(p.code, p.sheet) for p in reading.problems] == [("format_pdf", list(members)[2])]
    assert [str(t.covers_from) for t in reading.tables] == ["2015-01-01", "2015-07-01"]
    assert "strict GB18030" in reading.evidence
    assert is_explained(reading)


def test_archives_in_archives_and_litter(tmp_path: Path) -> None:
    inner = archive(tmp_path / "b.zip", {"a.csv": b"1,2"}).read_bytes()
    path = archive(tmp_path / "a.zip", {"b.zip": inner, "__MACOSX/._b": b"x", "~$b.xlsx": b"x", "c/": b""})
    assert codes(read(path)) == ["archive_nested"]


def test_archives_that_are_too_large_or_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.csv", b"1,2\n" * 100_000)
    lying = path.read_bytes().replace(struct.pack("<I", 400_000), struct.pack("<I", 4_000))
    (tmp_path / "b.zip").write_bytes(lying)
    assert codes(read(tmp_path / "b.zip")) == ["archive_broken"]
    monkeypatch.setattr("flows.read.formats.archive.MOST_OF_ONE", 1000)
    assert codes(read(path)) == ["archive_too_large"]


def test_far_cells_take_little_time_and_memory(tmp_path: Path) -> None:
    """One cell in the very last row of a file of six kilobytes."""
    path = workbook(tmp_path / "a.xlsx", {"一": [HEADER]})
    with zipfile.ZipFile(path) as whole:
        parts = {info.filename: whole.read(info) for info in whole.infolist()}
    name = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[name] = parts[name].replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
    assert path.stat().st_size < 8000
    close_readers()
    start = time.perf_counter()
    (grid,) = read_workbook(path)
    assert time.perf_counter() - start < 5
    assert rows_in(grid)[1_048_576][-1] == "1"
    (child,) = sheet._idle
    status = Path(f"/proc/{child._process.pid}/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 150 << 10
