"""Cells of .xlsx: their kind, their format, what the sheet shows beside them, whichever way the XML is written."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.read.formats.number_formats import kind_of, styled_text
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.workbooks import read_workbook
from flows.read.formats.xlsx.workbook import sheets_of
from tests.read.packages import MAIN, only_sheet, package, rows_in

DATA = "<sheetData>{}</sheetData>"


def cells(tmp_path: Path, *inner: str, **more: object) -> list[str | None]:
    """The texts of one row of cells A1, B1, …, given as what stands after the address."""
    row = "".join(f'<c r="{chr(65 + i)}1"{cell}' for i, cell in enumerate(inner))
    grid = only_sheet(package(tmp_path / "a.xlsx", DATA.format(f'<row r="1">{row}</row>'), **more))  # type: ignore[arg-type]
    return rows_in(grid)[1]


def test_each_kind_has_its_text(tmp_path: Path) -> None:
    assert cells(
        tmp_path,
        ' t="s"><v>1</v></c>',
        ' t="str"><f>A1&amp;"x"</f><v>甲&amp;x</v></c>',
        ' t="inlineStr"><is><t xml:space="preserve"> 乙 &lt;&#19993;&gt;</t></is></c>',
        ' t="b"><v>1</v></c>',
        ' t="b"><v>0</v></c>',
        ' t="e"><v>#N/A</v></c>',
        ' t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        ' t="d"><v>2015-09-01T00:00:00</v></c>',
        "><v>0.30000000000000004</v></c>",
        ' t="n"><v>500118199001011234</v></c>',
        "><v>1.5E-3</v></c>",
        "><v>-0</v></c>",
        "><v>1.50</v></c>",
        ' t="str"><f>""</f><v></v></c>',
        ' s="0"/>',
        "><f>A1</f></c>",
        ' s="0"><v/></c>',
        "><v>13900000001</v></c>",
        shared="<si><t>甲</t></si><si><t>乙</t></si>",
    ) == [
        "乙",
        "甲&x",
        "乙 <丙>",
        "是",
        "否",
        "#N/A",
        "#DIV/0!",
        "2015-09-01",
        "0.3",
        "5.00118199001011E+17",
        "0.0015",
        "0",
        "1.5",
        None,
        None,
        "#未计算!",
        None,
        "13900000001",
    ]


def test_a_formula_that_a_writing_program_left_to_the_next_is_not_zero(tmp_path: Path) -> None:
    inner = ("><f>A2+B2</f><v>0</v></c>", "><f>A2+B2</f><v>3</v></c>", "><v>0</v></c>")
    assert cells(tmp_path, *inner) == ["0", "3", "0"]
    stale = '<calcPr calcId="124519" fullCalcOnLoad="1"/>'
    assert cells(tmp_path, *inner, calculation=stale) == ["#未计算!", "3", "0"]


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
def test_formulas_that_were_never_calculated(tmp_path: Path, library: str) -> None:
    path = tmp_path / "a.xlsx"
    if library == "openpyxl":
        book = openpyxl.Workbook()
        book.active.append([1, 2, "=A1+B1"])  # type: ignore[union-attr]
        book.save(path)
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            book.add_worksheet().write_row(0, 0, [1, 2, "=A1+B1"])
    assert rows_in(only_sheet(path)) == {1: ["1", "2", "#未计算!"]}


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("General", 42248, "42248"),
        ("000000", 7, "000007"),
        ("000000", 1234567, "1234567"),
        ("000000", 1.5, "1.5"),
        ("000000_ ", 7, "000007"),
        ("0", 7, "7"),
        ("0.00", 7, "7"),
        ("#,##0.00;[红色]-#,##0.00", 1234.5, "1234.5"),
        ("0%", 0.85, "85%"),
        ("0.00%", 1, "100%"),
        ("yyyy-mm-dd", 42248, "2015-09-01"),
        ('yyyy"年"m"月"d"日";@', 42248, "2015-09-01"),
        ("[$-804]yyyy/m/d h:mm", 42248.354166666664, "2015-09-01 08:30:00"),
        ('m"月"d"日"', 42248, "2015-09-01"),
        ('yyyy"年"m"月"', 42248, "2015年9月"),
        ("mmm-yy", 42248, "2015年9月"),
        ('yyyy"年"m"月"', 42264, "2015-09-17"),
        ('yyyy"年"', 42005, "2015年"),
        ('yyyy"年"', 42248, "2015-09-01"),
        ("aaaa", 42248, "2015-09-01"),
        ("h:mm", 0.5, "12:00:00"),
        ("h:mm", 42248.5, "2015-09-01 12:00:00"),
        ('上午/下午h"时"mm"分"', 0.5, "12:00:00"),
        ("[h]:mm", 1.25, "30:00:00"),
        ("yyyy-mm-dd hh:mm:ss.000", 42248.5, "2015-09-01 12:00:00"),
        ("h:mm:ss.00", 0.5, "12:00:00"),
        ("0.00E+00", 12000, "12000"),
        ("G/通用格式", 5, "5"),
        ('"第"0"名"', 5, "5"),
        ('0"d"', 5, "5"),
        ("yyyy-mm-dd", 60, "1900-02-29"),
        ("yyyy-mm-dd", 59, "1900-02-28"),
        ("yyyy-mm-dd", 0, "1900-01-00"),
        ("yyyy-mm-dd", -1, "-1"),
        ("yyyy-mm-dd", 20150901, "20150901"),
        ("yyyy-mm-dd", 42248.9999999, "2015-09-02"),
    ],
)
def test_what_a_number_format_proves(code: str, value: float, text: str) -> None:
    assert styled_text(value, kind_of(code)) == text


def test_dates_by_the_epoch_of_the_workbook(tmp_path: Path) -> None:
    inner = (' s="1"><v>40786</v></c>', ' s="1"><v>0</v></c>', ' s="2"><v>0.5</v></c>')
    more = {"formats": ("yyyy\\-mm\\-dd", "h:mm")}
    new = cells(tmp_path, *inner, workbook='<workbookPr date1904="1"/>', **more)
    assert new == ["2015-09-01", "1904-01-01", "12:00:00"]
    assert cells(tmp_path, *inner, **more) == ["2011-08-31", "1900-01-00", "12:00:00"]
    exact = {"formats": ("yyyy\\-mm\\-dd\\ hh:mm:ss.000",), "workbook": '<workbookPr date1904="1"/>'}
    assert cells(tmp_path, ' s="1"><v>40786</v></c>', **exact) == ["2015-09-01"]


def test_a_cell_with_a_text_of_its_own_has_no_second_in_its_value(tmp_path: Path) -> None:
    own = "<is><t>甲</t></is>"
    inner = [f' t="inlineStr">{own}<v>7</v></c>', f' t="inlineStr"><v>7</v>{own}</c>', f" >{own}<v>7</v></c>"]
    assert cells(tmp_path, *inner, ' t="inlineStr"><v>乙</v></c>') == ["甲", "甲", "7", "乙"]


def test_rich_text_is_one_text_and_phonetic_runs_are_none(tmp_path: Path) -> None:
    rich = (
        '<si><r><t>永川</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 机械厂</t></r>'
        '<rPh sb="0" eb="1"><t>ヨン</t></rPh><phoneticPr fontId="1"/></si><si><t>第一行_x000D_\n第二行</t></si>'
        "<si/><si><t/></si><si><t>甲_xD83D__xDE00__xD83D_x_xffff</t></si>"
    )
    inner = [f' t="s"><v>{n}</v></c>' for n in range(5)]
    inline = ' t="inlineStr"><is><r><t>甲</t></r><r><t>厂</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>'
    found = cells(tmp_path, *inner, inline, shared=rich)
    assert found == ["永川 机械厂", "第一行\r\n第二行", None, None, "甲😀\ufffdx_xffff", "甲厂"]


def test_hidden_rows_and_columns_and_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("表")
        page.merge_range("B2:D3", "题")
        for row in range(4, 9):
            page.write_row(row, 0, [row, "x"])
        page.set_row(5, None, None, {"hidden": True})
        page.set_row(6, 0)
        page.set_column("C:D", None, None, {"hidden": True})
        page.set_column("F:F", 0)
        page.set_column("H:J", None, None, {"level": 1, "hidden": True})
        page.set_row(8, None, None, {"level": 1, "hidden": True})
    structure = only_sheet(path).structure
    assert structure.merges == [(2, 2, 3, 4)]
    assert structure.hidden_rows == {6, 7, 9}
    assert structure.hidden_columns == {3, 4, 6, 8, 9, 10}
    assert not structure.is_hidden


def test_rows_that_a_filter_hides_are_hidden(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("表")
        page.autofilter(0, 0, 2, 0)
        page.filter_column(0, "x == 甲")
        page.write_column(0, 0, ["单位", "甲", "乙"])
        page.set_row(2, None, None, {"hidden": True})
    assert only_sheet(path).structure.hidden_rows == {3}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets(tmp_path: Path, state: str) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["甲"])  # type: ignore[union-attr]
    book.create_sheet("密").append(["乙"])
    book["密"].sheet_state = state
    book.save(path)
    assert [(g.sheet, g.structure.is_hidden) for g in read_workbook(path)] == [("Sheet", False), ("密", True)]


ODD = {
    "prefix": lambda xml: re.sub(r"<(/?)(?=\w)", r"<\1x:", xml),
    "comment": lambda xml: xml.replace("</row>", "<!-- <c/> --></row>"),
    "cdata": lambda xml: xml.replace("<v>甲</v>", "<v><![CDATA[甲]]></v>"),
    "single quotes": lambda xml: re.sub(r' (r|s|t)="(\w+)"', r" \1='\2'", xml),
    "line breaks": lambda xml: xml.replace("<c ", "\n  <c\n    ").replace("<row", "\r\n<row"),
    "blanks at the end": lambda xml: re.sub(r'"(/?)>', r'" \1>', xml),
    "other order": lambda xml: re.sub(r'<c (r="\w+") (s="\d") (t="\w+")', r"<c \3 \2 \1", xml),
    "more attributes": lambda xml: xml.replace("<c ", '<c cm="1" ph="0" '),
    "no addresses": lambda xml: re.sub(r'(<row|<c) r="\w+"', r"\1", xml),
    "lower case": lambda xml: re.sub(r'<c r="(\w+)"', lambda m: f'<c r="{m[1].lower()}"', xml),
    "extension": lambda xml: xml.replace("</row>", '<extLst><ext uri="x"/></extLst></row>'),
}


@pytest.mark.parametrize("form", ODD)
def test_the_way_the_xml_is_written_makes_no_difference(tmp_path: Path, form: str) -> None:
    body = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
        '<row r="1"><c r="A1" s="0" t="str"><v>甲</v></c><c r="B1" s="1" t="n"><v>7</v></c></row>'
        '<row r="2" hidden="1"><c r="A2" s="0" t="n"><v>1.5</v></c><c r="B2" s="0" t="s"><v>0</v></c></row>'
        '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    )
    main = MAIN.replace("xmlns", "xmlns:x") if form == "prefix" else MAIN
    path = package(tmp_path / "a.xlsx", body, shared="<si><t>乙</t></si>", formats=("000",), main=main)
    with zipfile.ZipFile(path) as whole:
        parts = {info.filename: whole.read(info).decode() for info in whole.infolist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    start, end = sheet.index(">") + 1, sheet.rindex("</worksheet>")
    inner = ODD[form](sheet[start:end])
    sheet = sheet[:start] + inner + sheet[end:]
    if form == "prefix":
        sheet = sheet.replace("<worksheet", "<x:worksheet").replace("</worksheet", "</x:worksheet")
    assert sheet != parts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            changed.writestr(name, content)
    grid = only_sheet(path)
    assert rows_in(grid) == {1: ["甲", "007"], 2: ["1.5", "乙"]}
    assert grid.structure.merges == [(1, 1, 2, 2)]
    assert (grid.structure.hidden_rows, grid.structure.hidden_columns) == ({2}, {2})


@pytest.mark.parametrize(
    "sheet",
    [
        DATA.format('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
        DATA.format('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
        DATA.format('<row r="1"><c r="XFE1"><v>1</v></c></row>'),
        DATA.format('<row r="1"><c r="A1048577"><v>1</v></c></row>'),
        DATA.format('<row r="1"><c r="A1" t="s"><v>x</v></c></row>'),
        DATA.format('<row r="1"><c r="A1" t="?"><v>1</v></c></row>'),
        '<sheetData><row r="1"><c r="A1"><v>1</v></c>',
        DATA.format('<row r="1"><c r="A1"><v>1</v></row>'),
        "",
    ],
)
def test_a_sheet_that_contradicts_itself_is_broken(tmp_path: Path, sheet: str) -> None:
    with pytest.raises(WorkbookError, match="workbook_broken"):
        read_workbook(package(tmp_path / "a.xlsx", sheet))


def test_entities_of_a_document_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = package(tmp_path / "a.xlsx", DATA.format('<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'))
    with zipfile.ZipFile(path) as whole:
        parts = {info.filename: whole.read(info).decode() for info in whole.infolist()}
    parts["xl/worksheets/sheet1.xml"] = bomb + parts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
    with pytest.raises(WorkbookError, match="workbook_broken"):
        read_workbook(path)


VALUES = st.one_of(
    st.none(),
    st.text("永川甲 &<>\"'a1\n_x", max_size=8).filter(lambda t: not re.search("_x[0-9a-f]{4}_", t)),
    st.integers(-(10**14), 10**14),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.booleans(),
    st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2099, 1, 1)).map(lambda d: d.replace(microsecond=0)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=8))
def test_what_one_program_writes_another_reads_and_so_do_we(tmp_path: Path, rows: list[list[object]]) -> None:
    """xlsxwriter writes, openpyxl is the second opinion."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        page = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                page.write_string(r, c, value) if isinstance(value, str) else page.write(r, c, value)
    expected: dict[tuple[int, int], object] = {}
    for line in openpyxl.load_workbook(path).active.iter_rows():  # type: ignore[union-attr]
        expected |= {(c.row, c.column): c.value for c in line if c.value not in (None, "")}
    found: dict[tuple[int, int], str] = {}
    for grid in read_workbook(path):
        for chunk in grid.body(0, grid.width):
            for position, column in enumerate(chunk.columns):
                for number, text in zip(chunk.numbers, column.to_pylist(), strict=True):
                    if text is not None:
                        found[int(number), position + 1] = text
    assert found == {at: shown for at, value in expected.items() if (shown := _shown(value))}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"
    return str(value).strip()


def test_sheets_that_share_their_texts_keep_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for n in range(5):
            page = book.add_worksheet(f"{n}月")
            page.write_column(0, 0, [f"第{n}-{i}厂" for i in range(300)])
            page.write_string(0, 1, "共用")
    for n, grid in enumerate(read_workbook(path)):
        rows = rows_in(grid)
        assert rows[1] == [f"第{n}-0厂", "共用"]
        assert [row[0] for row in rows.values()] == [f"第{n}-{i}厂" for i in range(300)]


def test_hidden_columns_end_where_a_sheet_does(tmp_path: Path) -> None:
    sheet = '<cols><col min="3" max="4294967295" hidden="1"/></cols>' + DATA.format(
        '<row r="1"><c r="A1"><v>1</v></c></row>'
    )
    columns = only_sheet(package(tmp_path / "a.xlsx", sheet)).structure.hidden_columns
    assert (min(columns), max(columns), len(columns)) == (3, 16_384, 16_382)


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("body", ["rows", "no rows", "void"])
def test_a_part_is_read_block_by_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, body: str
) -> None:
    """Wherever a block ends, and a piece with it: the same cells, and what stands around them."""
    rows = "".join(
        f'<row r="{n}"{hidden}><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="inlineStr"><is><t>甲{n}</t></is></c></row>'
        for n, hidden in ((1, ""), (2, ' hidden="1"'), (9, ""), (400, ""))
    )
    data = {
        "rows": f"<sheetData>{rows}</sheetData>",
        "no rows": "<sheetData></sheetData>",
        "void": "<sheetData/>",
    }
    cols, merged = (
        '<cols><col min="2" max="2" hidden="1"/></cols>',
        '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>',
    )
    path = package(tmp_path / "a.xlsx", cols + data[body] + merged)
    monkeypatch.setattr("flows.read.formats.package._BLOCK", block)
    monkeypatch.setattr("flows.read.formats.xlsx.worksheet.PIECE", 100)
    monkeypatch.setattr("flows.read.formats.xlsx.worksheet._JOINED", 2)
    monkeypatch.setattr("flows.read.formats.process.payload._AT_A_TIME", 3)
    with path.open("rb") as stream:
        (sheet,) = sheets_of(stream)
    is_full = body == "rows"
    assert sheet.structure.merges == [(1, 1, 2, 2)]
    assert (sheet.structure.hidden_rows, sheet.structure.hidden_columns) == ({2} if is_full else set(), {2})
    texts = [sheet.texts[a:b].decode() for a, b in zip(sheet.offsets, sheet.offsets[1:], strict=False)]
    cells = [[texts[i] if i >= 0 else "" for i in column] for column in sheet.index]
    shown = [(int(r), *row) for r, row in zip(sheet.rows, zip(*cells, strict=True), strict=True) if any(row)]
    assert shown == ([(n, str(n), f"甲{n}") for n in (1, 2, 9, 400)] if is_full else [])


def test_a_row_that_never_ends_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.read.formats.xlsx.worksheet._LONGEST", 1000)
    monkeypatch.setattr("flows.read.formats.package._BLOCK", 100)
    path = package(tmp_path / "a.xlsx", DATA.format(f'<row r="1">{"<c/>" * 1000}</row>'))
    with path.open("rb") as stream, pytest.raises(WorkbookError, match="workbook_too_large"):
        list(sheets_of(stream))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_breaks_off_is_broken_and_not_shorter(tmp_path: Path, part: str) -> None:
    path = package(tmp_path / "a.xlsx", DATA.format('<row r="1"><c r="A1"><v>1</v></c></row>'))
    with zipfile.ZipFile(path) as whole:
        parts = {info.filename: whole.read(info).decode() for info in whole.infolist()}
    parts[part] = parts[part][: parts[part].rindex("</")]
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
    with pytest.raises(WorkbookError, match="workbook_broken"):
        read_workbook(path)
