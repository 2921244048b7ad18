"""Files that other programs wrote, in forms that ours and the usual ones do not have."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from flows.read import close_readers
from flows.read.formats import xls
from flows.read.formats.process import workbooks
from flows.read.formats.process.workbooks import read_workbook
from tests.read.binary import biff, compound, old_biff
from tests.read.forms import HEADER, case_rows, codes, csv_file, read, rows_of, workbook
from tests.read.packages import MAIN, only_sheet, package, rows_in
from tests.read.test_formats import XML

NAME = "2015年调解"


def changed(path: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    """A package with its parts changed."""
    with zipfile.ZipFile(path) as whole:
        parts = {info.filename: whole.read(info).decode() for info in whole.infolist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in change(parts).items():
            package.writestr(name, content)
    return path


def test_every_part_with_prefixes_as_the_open_xml_sdk_writes(tmp_path: Path) -> None:
    def prefixed(parts: dict[str, str]) -> dict[str, str]:
        return {
            name: re.sub(r"<(/?)(?=\w)", r"<\1x:", content).replace(MAIN, MAIN.replace("xmlns", "xmlns:x"))
            if name.startswith("xl/") and "_rels" not in name
            else content
            for name, content in parts.items()
        }

    row = '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>42248</v></c></row>'
    path = package(
        tmp_path / "a.xlsx",
        f"<sheetData>{row}</sheetData>",
        shared="<si><t>甲</t></si><si><t>乙</t></si>",
        formats=("yyyy-mm-dd",),
    )
    assert rows_in(only_sheet(changed(path, prefixed))) == {1: ["乙", "2015-09-01"]}


TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@pytest.mark.parametrize("folder", ["", "office/data/"])
def test_a_package_whose_workbook_lies_elsewhere(tmp_path: Path, folder: str) -> None:
    def moved(parts: dict[str, str]) -> dict[str, str]:
        out = {}
        for name, content in parts.items():
            name = name.replace("xl/workbook.xml", f"{folder}book1.xml").replace(
                "xl/_rels/workbook.xml", f"{folder}_rels/book1.xml"
            )
            content = content.replace('"xl/workbook.xml"', f'"/{folder}book1.xml"')
            content = content.replace('PartName="/xl/workbook.xml"', f'PartName="/{folder}book1.xml"')
            out[name] = re.sub(
                'Target="/?(?:xl/)?(worksheets|styles|shared|theme)', r'Target="/xl/\1', content
            )
        return out

    path = workbook(tmp_path / f"{NAME}.xlsx", {"一": [HEADER, *case_rows(2)]})
    reading = read(changed(path, moved))
    assert codes(reading) == []
    assert [row["case_no"] for row in rows_of(reading)] == ["调1", "调2"]


@pytest.mark.parametrize("told", ["manifest", "content", "nothing"])
def test_a_spreadsheet_without_its_mimetype(tmp_path: Path, told: str) -> None:
    names = " ".join(f'xmlns:{n}="urn:x:{n}"' for n in ("office", "table", "text"))
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in [HEADER, *case_rows(1)]
    )
    body = "text" if told == "nothing" else "spreadsheet"
    path = tmp_path / f"{NAME}.ods"
    with zipfile.ZipFile(path, "w") as target:
        if told == "manifest":
            kind = "application/vnd.oasis.opendocument.spreadsheet"
            target.writestr("META-INF/manifest.xml", f'<file-entry full-path="/" media-type="{kind}"/>')
        target.writestr(
            "content.xml",
            f'<office:document-content {names}><office:body><office:{body}><table:table table:name="台账">'
            f"{rows}</table:table></office:{body}></office:body></office:document-content>",
        )
    reading = read(path)
    if told == "nothing":
        assert codes(reading) == ["format_word"]
    else:
        assert [row["case_no"] for row in rows_of(reading)] == ["调1"]


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook", "BOOK", "Book"])
def test_the_stream_of_a_workbook_in_any_case(tmp_path: Path, name: str) -> None:
    rows: list[list[str | float]] = [[*row] for row in [HEADER, *case_rows(1)]]
    content = biff(tmp_path / "a", rows, 8, 1200, "").read_bytes()
    path = compound(tmp_path / f"{NAME}.xls", content, name)
    assert [row["case_no"] for row in rows_of(read(path))] == ["调1"]


@pytest.mark.parametrize("fault", ["CompDocError", "FormulaError"])
def test_what_the_first_reader_of_old_workbooks_cannot_bear_the_second_reads(
    tmp_path: Path, fault: str
) -> None:
    name = b"\0" * 3 + b"\x01\x02\0" + b"\0" * 8 + b"\0n" + b"\x18\x18"  # a defined name of tokens nobody has
    more = ((0x18, name),) if fault == "FormulaError" else ()
    rows: list[list[str | float | None]] = [[], [], [None, "甲", 1.0]]  # addresses are those of the sheet
    content = biff(tmp_path / "a", rows, 8, 1200, "", code=b"0.0", more=more).read_bytes()
    path = compound(tmp_path / "a.xls", content)
    if fault == "CompDocError":
        path.write_bytes(path.read_bytes()[:28] + b"\0\0" + path.read_bytes()[30:])
    (grid,) = read_workbook(path, "xls")
    assert rows_in(grid) == {3: [None, "甲", "1"]}


@pytest.mark.parametrize("version", [3, 4])
def test_a_file_before_biff_5_numbers_its_formats_by_itself(tmp_path: Path, version: int) -> None:
    """Number 14, a day from BIFF 5 on, is here the one that it says."""
    codes = (*(b"General",) * 14, b"000000")
    (grid,) = read_workbook(old_biff(tmp_path / "a.xls", [["永川", 7.0]], version, codes), "xls")
    assert rows_in(grid) == {1: ["永川", "000007"]}
    codes = (b"General", b"yyyy\\-mm\\-dd")
    (grid,) = read_workbook(old_biff(tmp_path / "a.xls", [["永川", 42248.0]], version, codes), "xls")
    assert rows_in(grid) == {1: ["永川", "2015-09-01"]}


def test_a_workbook_in_one_xml_file_with_the_cache_of_an_external_book(tmp_path: Path) -> None:
    head, tail = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<ExcelWorkbook xmlns="urn:schemas-microsoft-com:office:excel"><SupBook><Path>b.xls</Path>'
        "<SheetName>二</SheetName><Xct><Count>1</Count><SheetIndex>0</SheetIndex><Crn><Row>3</Row>"
        "<ColFirst>0</ColFirst><Number>7</Number><Text>外</Text></Crn></Xct></SupBook></ExcelWorkbook>",
        '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetVisible</Visible>'
        "</WorksheetOptions></Worksheet></Workbook>",
    )
    rows = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in row) + "</Row>"
        for row in [HEADER, *case_rows(2)]
    )
    path = tmp_path / f"{NAME}.xml"
    path.write_text(f'{head}<Worksheet ss:Name="台账"><Table>{rows}</Table>{tail}', encoding="utf-8")
    reading = read(path)
    assert codes(reading) == []
    assert [row["case_no"] for row in rows_of(reading)] == ["调1", "调2"]


def test_a_fault_of_our_reader_is_named_as_ours_with_its_place(tmp_path: Path) -> None:
    """In the child, in the search for tables, and in one file of an archive, beside which the others count."""
    path = workbook(tmp_path / f"{NAME}.xlsx", {"一": [HEADER, *case_rows(1)]})
    script = (
        workbooks._WORKER.read_text(encoding="utf-8")
        .replace("__file__", repr(str(workbooks._WORKER)))
        .replace("def answer(", "def sheets(stream, form):\n    return [None.张三]\n\n\ndef answer(")
    )
    (tmp_path / "worker.py").write_text(script, encoding="utf-8")
    close_readers()
    with mock.patch.object(workbooks, "_WORKER", tmp_path / "worker.py"):
        failed = read(path)
        close_readers()
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, path.name)
            archive.write(csv_file(tmp_path / "a.csv", [HEADER, *case_rows(3)]), "2015年上半年调解.csv")
        mixed = read(tmp_path / "a.zip")
    close_readers()
    assert codes(failed) == codes(mixed) == ["reader_failed"]
    assert "AttributeError" in failed.problems[0].hint
    assert "张三" not in str(failed.problems)
    assert "张三" in "".join(failed.faults[0].__notes__)  # for the vault's log alone
    assert (mixed.problems[0].sheet, len(rows_of(mixed))) == (path.name, 3)
    with mock.patch("flows.read.file.find_tables", side_effect=KeyError("张三")):
        ours = read(path)
    assert codes(ours) == ["reader_failed"]
    assert re.fullmatch(r"flows\.read\.file:\d+ KeyError", ours.problems[0].hint)
    assert len(rows_of(read(path))) == 1


def test_a_lost_character_is_one_finding_of_its_cell(tmp_path: Path) -> None:
    """In .xls, .xlsx and CSV alike; a zero byte is one, too. The row counts where its other cells do."""
    rows = [HEADER, *case_rows(30)]
    rows[2] = ["调2", "2015-03-02", "永\ufffd厂"]
    rows[4] = ["调4", "2015-03-\x004", "丁厂"]
    found = []
    for path in (
        csv_file(tmp_path / f"{NAME}.csv", rows),
        compound(
            tmp_path / f"{NAME}.xls", biff(tmp_path / "a", [[*r] for r in rows], 8, 1200, "").read_bytes()
        ),
        changed(
            workbook(
                tmp_path / f"{NAME}.xlsx", {"一": [[c.replace("\x00", "<0>") for c in r] for r in rows]}
            ),
            lambda parts: {name: text.replace("&lt;0&gt;", "_x0000_") for name, text in parts.items()},
        ),
    ):
        reading = read(path)
        kept = rows_of(reading)
        problems = [*reading.problems, *reading.tables[0].problems]
        found.append([(p.code, p.severity, p.row_number, p.column_name) for p in problems])
        assert len(kept) == 30
        assert (kept[1]["employer"], kept[3]["accepted_on"]) == ("永\ufffd厂", "2015-03-\ufffd4")
    assert found == [[("text_lost", "warning", 3, "C"), ("text_lost", "warning", 5, "B")]] * 3


def test_a_lost_character_in_a_form_on_its_side_is_found_where_it_stands(tmp_path: Path) -> None:
    rows = [
        ("案号", "调1", "调2"),
        ("受理日期", "2015-03-01", "2015-03-02"),
        ("用人单位", "甲厂", "乙\ufffd"),
    ]
    reading = read(workbook(tmp_path / f"{NAME}.xlsx", {"一": rows}))
    rows_of(reading)
    assert [(p.code, p.row_number, p.column_name) for p in reading.tables[0].problems] == [
        ("text_lost", 3, "C")
    ]


def test_a_cell_far_to_the_right_below_costs_no_padding(tmp_path: Path) -> None:
    """A file of 42 KB took 17 seconds: every one of its rows was filled up to the last column."""
    rows: list[list[str | float | None]] = [[*HEADER], *([] for _ in range(65_000)), [None] * 255 + ["末"]]
    path = biff(tmp_path / "a.xls", rows, 8, 1200, "")
    start = time.process_time()
    with path.open("rb") as stream:
        (sheet,) = xls.sheets_of(stream)
    assert time.process_time() - start < 3
    assert (sheet.rows.tolist(), sheet.columns.tolist()) == ([1, 65_002], [1, 2, 3, 256])


@pytest.mark.parametrize(
    "change",
    [
        ('encoding="UTF-8"', 'encoding="nobody"'),
        ("Workbook", "Xorkbook"),
        ("2015-09-01T00:00:00.000", "2015-09-01T00:00:00+08:00"),
        ('ss:Index="3"', 'ss:Index="x"'),
    ],
)
@pytest.mark.parametrize("form", ["xml", "xlsx"])
def test_what_a_broken_file_holds_is_no_fault_of_ours(
    tmp_path: Path, change: tuple[str, str], form: str
) -> None:
    """Found with random changes of sound files."""
    path = tmp_path / f"{NAME}.{form}"
    if form == "xml":
        path.write_text(XML.format(encoding="UTF-8").replace(*change), encoding="utf-8")
    else:
        declared = '<?xml version="1.0" encoding="UTF-8"?>'.replace(*change)
        changed(
            workbook(path, {"一": [HEADER, *case_rows(1)]}),
            lambda parts: {
                name: declared + re.sub(r"<\?xml.*?\?>", "", text) for name, text in parts.items()
            },
        )
    assert "reader_failed" not in codes(read(path))
