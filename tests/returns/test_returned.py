"""Returned files: what they hold, that they are the district's own, and the way there and back."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from flows.contract.units import reference
from flows.read.tables.periods import find_periods
from flows.returns import returned_file
from flows.returns import write_returns as returned
from flows.returns.write_returns import Returned, write_returns
from flows.warehouse.publish import swap_in
from tests.support.world import HEADER, PERSON, World, case

UNIT = "永川区总工会"
NAME = "2015年劳动争议调解台账"
LINES = (case(1), case(2, closed="下周", person=PERSON), case(3, person="11010519491231002"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def send_workbook(world: World, lines: tuple[str, ...] = LINES, day: str = "2016-01-05") -> None:
    """A workbook as a district keeps it: merged title, formats, a formula's result, a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "调解"
    sheet["A1"] = "永川区2015年劳动争议调解台账"
    sheet.merge_cells("A1:H1")
    sheet["A1"].font = Font(size=18, bold=True)
    sheet.append(HEADER.split(","))
    for line in lines:
        sheet.append([cell or None for cell in line.split(",")])
    sheet["B3"].fill = PatternFill("solid", fgColor="FF00B050")
    sheet.column_dimensions["C"].width = 33
    sheet.auto_filter.ref = f"A2:H{2 + len(lines)}"
    book.create_sheet("代码").sheet_state = "hidden"
    book["代码"]["A1"] = "调解成功"
    path = world.paths.inbox / UNIT / f"{NAME}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    world.take_in(day)


def write(world: World) -> list[Returned]:
    """Build, publish without the indicators, write what goes back."""
    world.build()
    swap_in(world.paths.build_file(), world.paths.warehouse_file())
    return write_returns(world.paths)


def send_back(world: World, content: Path, day: str = "2016-01-20", name: str = "改好了.xlsx") -> None:
    """Put a corrected file into the inbox, alone and under another name."""
    shutil.rmtree(world.paths.inbox)
    path = world.paths.inbox / UNIT / name
    path.parent.mkdir(parents=True)
    shutil.copyfile(content, path)
    world.take_in(day)
    world.build()


def correct(path: Path, target: Path) -> None:
    """Put the two wrong cells right, as somebody with the file before them does."""
    book = openpyxl.load_workbook(path)
    sheet = book["调解"] if "调解" in book.sheetnames else book["数据"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "下周":
                cell.value = "2015-03-20"
            elif cell.value == "11010519491231002":
                cell.value = PERSON
    book.save(target)


def outcomes(world: World, delivery: int = 2) -> list[tuple[object, ...]]:
    return world.ask(
        f"select from_row_number, outcome, unasked_columns from meta.returned_row where delivery_id = {delivery} "
        "order by from_row_number"
    )


def returned_issues(world: World) -> list[tuple[object, ...]]:
    return world.ask("select issue_code, message from meta.issue where starts_with(issue_code, 'returned_')")


def texts(path: Path, sheet: str) -> list[list[str]]:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def allowed(book: openpyxl.Workbook, sheet: str, cell: str) -> list[str]:
    """The words that the drop-down of a cell offers; none where it has none."""
    for rule in book[sheet].data_validations.dataValidation:
        if cell in rule.sqref:
            name, area = rule.formula1.replace("$", "").split("!")
            return [str(c[0].value) for c in book[name.strip("'")][area]]
    return []


def test_the_own_workbook_goes_back_with_marks_and_all_it_had(world: World) -> None:
    send_workbook(world)
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    assert book.sheetnames == ["退回说明", "调解", "代码"]
    assert book["代码"].sheet_state == "hidden"
    sheet = book["调解"]
    assert [str(r) for r in sheet.merged_cells.ranges] == ["A1:H1"]
    assert (sheet["A1"].font.size, sheet.column_dimensions["C"].width) == (18, 33)
    assert sheet["B3"].fill.fgColor.rgb == "FF00B050"
    assert [sheet.cell(2, c).value for c in (9, 10)] == ["问题与处理", "核对码"]
    assert sheet["E4"].fill.fgColor.rgb == "FFFBC7C9"
    assert sheet["D5"].fill.fgColor.rgb == "FFFBEB9D"
    assert sheet["D5"].number_format == "@"
    assert "下周" in sheet["I4"].value
    assert sheet["I3"].value is None
    assert all(str(sheet.cell(r, 10).value).startswith("R1-00000") for r in (3, 4, 5))
    assert sheet.auto_filter.ref == "A2:J5"
    assert not sheet.sheet_view.tabSelected
    words = "\n".join(" ".join(row) for row in texts(made.path, "退回说明"))
    for word in (
        UNIT,
        f"{NAME}.xlsx",
        "第1号",
        "2016-01-05",
        "劳动争议调解台账",
        "2015-01-01至2015-12-31",
        "是",
    ):
        assert word in words


def test_there_and_back_through_openpyxl(world: World, tmp_path: Path) -> None:
    send_workbook(world)
    [made] = write(world)
    correct(made.path, tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx")
    assert outcomes(world) == [(3, "unchanged", []), (4, "closed", []), (5, "closed", [])]
    assert returned_issues(world) == []
    assert world.ask("select delivery_id, rows_accepted, in_force from meta.part order by 1") == [
        (1, 2, False),
        (2, 3, True),
    ]
    assert world.ask("select count(*) from meta.issue where delivery_id = 2 and severity <> 'info'") == [(0,)]
    assert [(r.delivery_id, r.done) for r in write(world)] == [(1, "answered")]


def test_there_and_back_through_libreoffice(world: World, tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    send_workbook(world)
    [made] = write(world)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "office")]
    subprocess.run([*command, str(made.path)], check=True, capture_output=True, timeout=300)
    converted = tmp_path / "office" / made.path.name
    assert [row[9] for row in texts(converted, "调解")] == [row[9] for row in texts(made.path, "调解")]
    correct(converted, tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx")
    assert outcomes(world) == [(3, "unchanged", []), (4, "closed", []), (5, "closed", [])]
    assert returned_issues(world) == []


def test_rows_sorted_added_and_changed_on_the_way(world: World, tmp_path: Path) -> None:
    send_workbook(world)
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    sheet = book["调解"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    rows[1][4], rows[0][7] = "2015-03-20", "1"
    rows.insert(1, [*case(9).split(","), None, None])
    for number, row in enumerate(reversed(rows), 3):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx")
    assert outcomes(world) == [
        (3, "changed", ["amount_paid_yuan"]),
        (4, "closed", []),
        (5, "open", []),
        (None, "new", []),
    ]


def test_a_csv_goes_back_with_every_cell_as_text(world: World, tmp_path: Path) -> None:
    lines = (
        case(7, person="110105194912310020"),
        case(8, person=PERSON, closed="=1+1"),
        case(9, claimed="007.50"),
    )
    path = world.paths.inbox / UNIT / f"{NAME}.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes("\r\n".join([NAME, HEADER, *(f"00{line}" for line in lines)]).encode("gb18030"))
    world.take_in("2016-01-05")
    [made] = write(world)
    assert made.path.name == f"{NAME}（退回R00001，错误{made.errors}处，提醒{made.warnings}处）.xlsx"
    assert find_periods(made.path.name) == find_periods(NAME)
    sheet = texts(made.path, "数据")
    assert [row[:8] for row in sheet[2:]] == [f"00{line}".split(",") for line in lines]
    assert {
        cell.data_type
        for row in openpyxl.load_workbook(made.path)["数据"].iter_rows()
        for cell in row
        if cell.value
    } == {"s"}
    book = openpyxl.load_workbook(made.path)
    book["数据"]["E4"] = "2015-03-20"
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx")
    assert [o[1:] for o in outcomes(world)][1] == ("closed", [])
    assert not [o for o in outcomes(world) if o[2]]


def test_the_second_round_carries_no_marks_of_the_first(world: World, tmp_path: Path) -> None:
    send_workbook(world)
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    book["调解"]["E4"] = "2015-03-20"  # the other finding stays
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx", name=f"{NAME}.xlsx")
    again = next(r for r in write(world) if r.delivery_id == 2)
    book = openpyxl.load_workbook(again.path)
    assert book.sheetnames == ["退回说明", "调解", "代码"]
    sheet = book["调解"]
    assert sheet.max_column == 10
    assert sheet["E4"].fill.fgColor.rgb != "FFFBC7C9"
    assert sheet["D5"].fill.fgColor.rgb == "FFFBEB9D"
    assert sheet["I4"].value is None
    assert str(sheet["J4"].value).startswith("R2-")


def test_a_package_written_in_an_odd_way_goes_back_as_a_copy(world: World) -> None:
    send_workbook(world)
    path = world.paths.inbox / UNIT / f"{NAME}.xlsx"
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    odd = parts["xl/worksheets/sheet1.xml"]
    for tag in (b"row", b"c"):
        odd = odd.replace(b"<" + tag + b" ", b"<x:" + tag + b" ").replace(
            b"</" + tag + b">", b"</x:" + tag + b">"
        )
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/worksheets/sheet1.xml"] = odd.replace(b"<worksheet ", b'<worksheet xmlns:x="' + main + b'" ')
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    world.take_in("2016-01-06")
    [made] = write(world)
    assert "单元格一律为文本" in "".join(cell for row in texts(made.path, "退回说明") for cell in row)
    assert [row[:8] for row in texts(made.path, "调解")[2:]] == [line.split(",") for line in LINES]


def test_a_file_that_cannot_be_read_goes_back_as_a_page_of_words(world: World) -> None:
    path = world.paths.inbox / UNIT / "2015年调解.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.4 not a table")
    world.take_in("2016-01-05")
    [made] = write(world)
    sheets = openpyxl.load_workbook(made.path).worksheets
    assert [sheet.title for sheet in sheets if sheet.sheet_state == "visible"] == ["退回说明"]
    assert "PDF" in "".join(cell for row in texts(made.path, "退回说明") for cell in row)


def test_a_header_that_is_not_known_is_coloured_and_offers_those_that_are(
    world: World, tmp_path: Path
) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2), header=HEADER.replace("调解结果", "处里结果"))
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    sheet = book["数据"]
    assert sheet["F1"].fill.fgColor.rgb == "FFFBEB9D"
    words = "".join(cell for row in texts(made.path, "退回说明") for cell in row)
    assert "“处里结果”不认识" in words and "可能是：调解结果" in words
    assert allowed(book, "数据", "F1")[0] == "调解结果"
    sheet["F1"] = "调解结果"
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx", name=f"{NAME}.xlsx")
    assert {o[1] for o in outcomes(world)} <= {"closed", "unchanged"}
    assert world.ask("select state from meta.issue where issue_code = 'header_unknown'") == [("answered",)]


def test_a_district_sees_its_own_header_where_others_see_a_mark(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), header=HEADER.replace("调解结果", "荔枝香情形"))
    [made] = write(world)
    told = world.ask("select message from meta.issue where issue_code = 'header_unknown'")
    assert "□" in told[0][0] and "荔枝香" not in told[0][0]
    book = openpyxl.load_workbook(made.path)
    seen = [cell.comment.text for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    seen += [text for sheet in book.sheetnames for row in texts(made.path, sheet) for text in row]
    assert any("荔枝香情形" in text and text != "荔枝香情形" for text in seen)
    assert not any("□" in text for text in seen)


def test_a_long_file_goes_back_as_an_extract_that_counts_for_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returned_file, "MOST_ROWS", 150)
    world.send(
        "2016-01-05",
        f"{NAME}.csv",
        *(case(n, closed="下周" if n == 180 else "2015-03-20") for n in range(1, 201)),
    )
    [made] = write(world)
    assert "没有列出" not in "".join(cell for row in texts(made.path, "退回说明") for cell in row)
    rows = texts(made.path, "退回摘录")
    assert [row[0] for row in rows] == ["第1行", "第181行"]
    assert "下周" in rows[1][5]
    assert not [cell for row in rows for cell in row if cell.startswith("R1-")]
    send_back(world, made.path, name=f"{NAME}.xlsx")
    assert world.ask("select delivery_id, in_force from meta.part") == [(1, True)]


def test_an_extract_lists_errors_first_and_says_what_it_leaves_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returned_file, "MOST_ROWS", 20)
    monkeypatch.setattr(returned_file, "EXTRACTED", 2)
    lines = [
        case(n, person="11010519491231002", closed="下周" if n == 28 else "2015-03-20") for n in range(1, 31)
    ]
    world.send("2016-01-05", f"{NAME}.csv", *lines)
    [made] = write(world)
    assert [row[0] for row in texts(made.path, "退回摘录")] == ["第1行", "第2行", "第29行"]
    assert "另有28行以上" in "".join(cell for row in texts(made.path, "退回说明") for cell in row)


def test_what_is_there_is_brought_up_to_date_and_work_in_it_is_left_alone(world: World) -> None:
    send_workbook(world)
    [made] = write(world)
    content = made.path.read_bytes()
    assert [r.done for r in write(world)] == ["unchanged"]
    made.path.unlink()
    assert [r.done for r in write(world)] == ["written"]
    assert made.path.read_bytes() == content
    assert made.path.stat().st_mode & 0o077 == 0
    assert made.path.parent.stat().st_mode & 0o077 == 0
    made.path.write_bytes(content + b"x")
    world.vault.withdraw(1, "误报", world.vault.deliveries()[0].received_at)
    assert [r.done for r in write(world)] == ["worked_in"]
    made.path.write_bytes(content)
    assert [r.done for r in write(world)] == ["answered"]
    assert not made.path.exists()
    assert (made.path.parent / "旧件" / made.path.name).read_bytes() == content


def test_one_unit_or_delivery_may_be_asked_for(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", *LINES)
    world.send("2016-01-06", f"{NAME}.csv", *LINES, sender="江津区总工会")
    write(world)
    assert [r.unit for r in write_returns(world.paths, unit="jiangjin")] == ["江津区总工会"]
    assert [r.unit for r in write_returns(world.paths, delivery=1)] == [UNIT]


def test_a_fault_in_one_file_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.send("2016-01-05", f"{NAME}.csv", *LINES)
    world.send("2016-01-06", f"{NAME}.csv", *LINES, sender="江津区总工会")
    whole = returned.returned_file

    def fail_once(*arguments: object) -> object:
        if getattr(arguments[1], "delivery_id", 0) == 1:
            raise ValueError("样某")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(returned, "returned_file", fail_once)
    assert sorted(r.done for r in write(world)) == ["failed", "written"]


def test_bytes_of_macros_and_pictures_stay_as_they_are(world: World) -> None:
    send_workbook(world)
    path = world.paths.inbox / UNIT / f"{NAME}.xlsx"
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG some picture")
    world.take_in("2016-01-06")
    made = write(world)[-1]
    with zipfile.ZipFile(io.BytesIO(made.path.read_bytes())) as package:
        assert package.read("xl/media/image1.png") == b"\x89PNG some picture"


def test_a_workbook_with_macros_or_dde_says_so_on_its_front_sheet(world: World) -> None:
    send_workbook(world)
    [plain] = write(world)
    assert "启用" not in str(texts(plain.path, "退回说明"))
    path = world.paths.inbox / UNIT / f"{NAME}.xlsx"
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"some code")
        package.writestr(
            "xl/externalLinks/externalLink1.xml", b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'
        )
    world.take_in("2016-01-06")
    made = write(world)[-1]
    assert "原文件带有宏、动态数据交换（DDE）链接" in str(texts(made.path, "退回说明"))


def send_form(world: World, rows: list[list[object]], own_rule: bool = False) -> None:
    """A form as offices draw them: a title, a header of two rows with merged cells, a print area, rows of a fixed height."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "张'三&街道"
    sheet["A1"] = "永川区2015年劳动争议调解台账"
    sheet.merge_cells("A1:G1")
    sheet.append(["案号", "受理日期", "申请人", "", "结案日期", "处里结果", "来源"])
    sheet.append(["", "", "姓名", "身份证号", "", "", ""])
    for area in ("A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "G2:G3"):
        sheet.merge_cells(area)
    for row in rows:
        sheet.append(row)
    sheet.print_area = f"A1:G{3 + len(rows)}"
    sheet.row_dimensions[4].height = 12
    if own_rule:
        rule = DataValidation(type="list", formula1='"甲,乙"', sqref="G5:G6")
        sheet.add_data_validation(rule)
    path = world.paths.inbox / UNIT / f"{NAME}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    world.take_in("2016-01-05")


FORM = [
    ["1", "2015-03-01", "样某", PERSON, "2015-03-20", "调解成功", "厂里自己调的"],
    ["2", "2015-03-02", "样某", "", "2015-03-21", "调解成功", "直调"],
    ["3", "2015-03-03", "样某", "", "下周", "调解成功", "直调"],
]


def test_a_form_goes_back_with_words_to_choose_from_and_comes_back_right_after_one_round(
    world: World, tmp_path: Path
) -> None:
    send_form(world, [*FORM])
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    name = book.sheetnames[1]
    assert book.sheetnames == ["退回说明", "张'三&街道", "退回选项"]
    assert book["退回选项"].sheet_state == "hidden"
    sheet = book[name]
    # the lowest cell of the header, or what a person sees of it; never the merged cell above its neighbours
    assert [c.coordinate for row in sheet["A2:G3"] for c in row if c.fill.fgColor.rgb == "FFFBEB9D"] == ["F2"]
    assert sheet["G4"].fill.fgColor.rgb in ("FFFBEB9D", "FFFBC7C9")
    assert allowed(book, name, "F2")[0] == "调解结果"
    assert "直调" in allowed(book, name, "G4") and allowed(book, name, "G4") == allowed(book, name, "G6")
    assert allowed(book, name, "A4") == []
    assert sheet.freeze_panes == "A4"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.print_area.endswith("$A$1:$I$6")
    assert sheet.row_dimensions[4].height > 12
    words = "\n".join(" ".join(row) for row in texts(made.path, "退回说明"))
    for said in ("已认出", "申请人/身份证号", "“处里结果”不认识", "可填的内容", "直调", "行已采用，照常计入"):
        assert said in words, said
    sheet["F2"], sheet["G4"], sheet["E6"] = "调解结果", "直调", "2015-03-22"
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx", name=made.path.name)
    assert [r.done for r in write(world)] == ["answered"]
    assert world.ask("select distinct state from meta.issue where severity <> 'info'") != [("open",)]
    assert world.ask("select count(*) from meta.issue where state = 'open' and severity <> 'info'") == [(0,)]
    assert world.ask("select count(*) from current.mediation where result = 'agreed'") == [(3,)]
    here = sorted(p.name for p in made.path.parent.iterdir())
    assert here == ["回执.xlsx", "旧件"]
    assert [p.name for p in (made.path.parent / "旧件").iterdir()] == [made.path.name]
    lines = texts(made.path.parent / "回执.xlsx", "回执")
    assert [(line[0], line[3], line[6], line[7]) for line in lines[4:]] == [
        ("第1号", "劳动争议调解台账", lines[4][6], "已被第2号报送替换"),
        ("第2号", "劳动争议调解台账", "3", "计入"),
    ]
    assert lines[5][8] == world.vault.deliveries()[1].sha256


def test_a_second_round_offers_anew_and_leaves_the_districts_own_drop_downs(
    world: World, tmp_path: Path
) -> None:
    send_form(world, [*FORM], own_rule=True)
    [made] = write(world)
    book = openpyxl.load_workbook(made.path)
    name = book.sheetnames[1]
    [own] = [r for r in book[name].data_validations.dataValidation if r.formula1 == '"甲,乙"']
    assert str(own.sqref) == "G5:G6"
    assert not [r for r in book[name].data_validations.dataValidation if r is not own and "G5" in r.sqref]
    book[name]["F2"] = "调解结果"
    book[name]["G4"] = "还是自己调的"
    book.save(tmp_path / "back.xlsx")
    send_back(world, tmp_path / "back.xlsx", name=f"{NAME}.xlsx")
    again = next(r for r in write(world) if r.delivery_id == 2)
    book = openpyxl.load_workbook(again.path)
    assert book.sheetnames == ["退回说明", name, "退回选项"]
    assert allowed(book, name, "F2") == []
    assert len([r for r in book[name].data_validations.dataValidation if r.formula1 == '"甲,乙"']) == 1


def test_a_file_in_which_somebody_worked_goes_when_it_was_handed_in(world: World) -> None:
    send_workbook(world)
    [made] = write(world)
    correct(made.path, made.path)
    assert [r.done for r in write(world)] == ["unchanged"]
    send_back(world, made.path)
    assert [r.done for r in write(world)] == ["answered"]
    assert not made.path.exists()


def test_a_receipt_is_written_again_only_when_it_says_something_else(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1))
    assert write(world) == []
    path = world.paths.returns / UNIT / "回执.xlsx"
    before = path.stat().st_mtime_ns
    assert path.stat().st_mode & 0o077 == 0
    write(world)
    assert path.stat().st_mtime_ns == before
    world.send("2016-01-06", "2014年劳动争议调解台账.csv", case(1, "2014-03-01", "2014-04-01"))
    write(world)
    assert [row[1] for row in texts(path, "回执")[4:]] == [f"{NAME}.csv", "2014年劳动争议调解台账.csv"]


def test_the_towns_of_a_unit_are_offered_in_a_column_of_towns(world: World) -> None:
    lines = ("样例书屋,青峰镇,约100,2015-05-01", "样例二书屋,不存在镇,100,2015-06-01")
    world.send("2016-01-05", "2015年职工书屋台账.csv", *lines, header="书屋名称,镇街,藏书量,建成时间")
    [made] = write(world)
    words = allowed(openpyxl.load_workbook(made.path), "数据", "B3")
    assert words == list(dict.fromkeys(t.name for t in reference().towns_of("yongchuan")))
    assert "青峰镇" in "".join(cell for row in texts(made.path, "退回说明") for cell in row)


def test_what_a_killed_run_left_half_written_goes_with_the_next(world: World) -> None:
    send_workbook(world)
    [made] = write(world)
    left = [folder / ".改好了.xlsx.new" for folder in (world.paths.returns, made.path.parent)]
    for path in left:
        path.write_bytes(b"half")
    assert [r.done for r in write(world)] == ["unchanged"]
    assert not any(path.exists() for path in left)
