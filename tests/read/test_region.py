"""Which table a sheet holds: kind, period, columns, what is above and below; and when it is held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from flows.contract.catalogue import records
from tests.read.forms import (
    CASE,
    HEADER,
    KINDS,
    case_rows,
    classes,
    codes,
    csv_file,
    is_explained,
    read,
    rows_of,
    sheet,
    workbook,
)

TITLE = ["2015年劳动争议调解台账"]


def table(tmp_path: Path, rows: Sequence[Sequence[str]], name: str = "a.csv", **more: object):  # type: ignore[no-untyped-def]
    return read(csv_file(tmp_path / "a.csv", rows), name, **more)


def test_title_note_header_data_total_and_footer(tmp_path: Path) -> None:
    reading = table(
        tmp_path,
        [
            ["永川区总工会2015年1-9月劳动争议调解台账"],
            ["填报单位：永川区总工会", "", "", "单位：万元、人", "填报日期：2015年10月8日"],
            ["序号", "案 号*", "受理\n时间", "用人单位", "申请金额", "涉及人数", "兑现金额（元）"],
            ["1", "调1", "2015-03-01", "甲厂", "1.5", "2", "15000"],
            ["2", "调2", "2015-03-02", "乙厂", "3", "1", ""],
            ["", "小 计", "", "", "4.5", "3", ""],
            ["3", "", "", "", "", "", ""],
            ["合计", "", "", "", "4.5", "3", ""],
            ["注：1.本表按受理日期统计。", "", "", "", "", "", ""],
            ["　　2.金额为申请金额，不含实物。", "", "", "", "", "", ""],
            ["填表人：", "", "审核人：", "", "", "", ""],
            ["", "", "", "", "", "", "2015年10月8日"],
        ],
    )
    rows = rows_of(reading)
    found = reading.tables[0]
    assert [row["case_no"] for row in rows] == ["调1", "调2"]
    assert (found.record, found.header_row, found.covers_evidence) == ("case", 3, "title")
    assert (found.covers_from, found.covers_to) == (date(2015, 1, 1), date(2015, 9, 30))
    units = {m.column: m.unit for m in found.columns}
    assert (units["claimed_yuan"], units["people"], units["paid_yuan"]) == ("万元", "人", "conflict")
    assert codes(reading) == ["unit_conflict"]
    assert (found.rows_read, found.rows_ignored) == (9, 7)
    assert classes(reading) == {
        "title": 1,
        "note": 8,
        "header": 7,
        "subtotal": 6,
        "serial_only": 1,
        "ignored_serial": 2,
        "used": 11,
    }
    assert is_explained(reading)


def test_a_footer_of_clerks_words_begins_no_table(tmp_path: Path) -> None:
    """Each of them is a clerk's own column, and all of them in a row are no header."""
    words = ["填报人：", "审核人：", "填报日期："]
    row = ["调1", "2015-03-01", "甲厂"]
    kinds = KINDS | {kind: records()[kind] for kind in ("needy_worker", "self_report")}  # 审核人, 填报日期
    reading = read(csv_file(tmp_path / "a.csv", [TITLE, HEADER, row, [], words]), kinds=kinds)
    assert [row["case_no"] for row in rows_of(reading)] == ["调1"]
    assert (len(reading.tables), codes(reading)) == (1, [])
    assert is_explained(reading)


@pytest.mark.parametrize(
    ("header", "said"),
    [("案件号码", "案件号码"), ("案号（新）", "案号（新）"), ("Unnamed", "Unnamed"), ("见 500113", "")],
)
def test_an_unknown_header_holds_its_column_and_nothing_else(tmp_path: Path, header: str, said: str) -> None:
    reading = table(tmp_path, [TITLE, [*HEADER, header], ["调1", "2015-03-01", "甲厂", "x"]])
    found = reading.tables[0]
    assert [(p.code, p.severity, p.row_number, p.column_name, p.header) for p in found.problems] == [
        ("header_unknown", "warning", 2, "D", said)
    ]
    assert [m.header for m in found.columns if m.is_held] == [header]
    assert rows_of(reading) == [
        {"row_number": 3, "case_no": "调1", "accepted_on": "2015-03-01", "employer": "甲厂"}
    ]
    assert classes(reading)["held"] == 1
    assert is_explained(reading)


@pytest.mark.parametrize(
    ("header", "cells", "candidates", "hint"),
    [
        ("受理那天", ["2015-03-01", "2015-03-02"], ("accepted_on", "remark"), "受理日期"),
        (
            "兑现之金额",
            ["5000", ""],
            ("paid_yuan", "claimed_yuan", "people", "success_pct", "remark"),
            "兑现金额",
        ),
        ("神秘", ["", ""], (), ""),
        ("神秘", ["甲", "乙"], ("remark",), ""),
    ],
)
def test_what_a_held_column_may_be(
    tmp_path: Path, header: str, cells: list[str], candidates: tuple[str, ...], hint: str
) -> None:
    """By its cells first, then by its header; what no cell fits, and what another header fills, is out of question."""
    used = ["案号", "用人单位"] if candidates[:1] == ("accepted_on",) else HEADER
    rows = [
        [*(f"{name}{i}" if name != "受理日期" else "2015-03-01" for name in used), cell]
        for i, cell in enumerate(cells)
    ]
    (found,) = table(tmp_path, [TITLE, [*used, header], *rows]).tables
    (held,) = [m for m in found.columns if m.is_held]
    assert held.candidates == candidates
    assert next(p.hint for p in found.problems if p.code == "header_unknown").split("、")[0] == hint


def test_own_spelling_lets_it_pass(tmp_path: Path) -> None:
    rows = [TITLE, [*HEADER, "案情"], ["调1", "2015-03-01", "甲厂", "x"]]
    assert rows_of(table(tmp_path, rows, spellings={"案情": "remark"}))[0]["remark"] == "x"
    reading = table(tmp_path, rows, spellings={"案情": "ignore"})
    assert len(rows_of(reading)) == 1
    assert classes(reading)["ignored_own_spelling"] == 1


def test_missing_required_column(tmp_path: Path) -> None:
    reading = table(tmp_path, [TITLE, ["受理日期", "用人单位"], ["2015-03-01", "甲厂"]])
    assert [(p.code, p.severity, p.column_name) for p in reading.tables[0].problems] == [
        ("column_missing", "warning", "案号")
    ]
    assert rows_of(reading) == [{"row_number": 3, "accepted_on": "2015-03-01", "employer": "甲厂"}]


def test_of_two_headers_for_one_column_the_first_listed_is_used(tmp_path: Path) -> None:
    rows = [TITLE, ["调解号", *HEADER], ["调2", "调1", "2015-03-01", "甲厂"]]
    reading = table(tmp_path, rows)
    assert [(p.code, p.column_name, p.header) for p in reading.tables[0].problems] == [
        ("header_repeated", "A", "调解号")
    ]
    assert [(m.header, m.candidates) for m in reading.tables[0].columns if m.is_held] == [
        ("调解号", ("remark",))
    ]
    assert [row["case_no"] for row in rows_of(reading)] == ["调1"]


@pytest.mark.parametrize(("again", "is_held"), [("甲厂", False), ("乙厂", True)])
def test_the_same_header_twice(tmp_path: Path, again: str, is_held: bool) -> None:
    """Over equal cells it is said twice; over others nobody can say which is meant."""
    reading = table(tmp_path, [TITLE, [*HEADER, "用人单位"], ["调1", "2015-03-01", "甲厂", again]])
    found = reading.tables[0].columns[2:]
    if is_held:
        assert [m.candidates[0] for m in found] == ["employer", "employer"]
    else:
        assert [(m.column, m.ignored_by) for m in found] == [("employer", None), (None, "repeated")]
    assert ["employer" in row for row in rows_of(reading)] == [not is_held]
    assert classes(reading)["held" if is_held else "ignored_repeated"] == (2 if is_held else 1)
    assert is_explained(reading)


def test_cells_below_an_empty_header_are_named(tmp_path: Path) -> None:
    reading = table(
        tmp_path,
        [TITLE, [*HEADER, ""], ["调1", "2015-03-01", "甲厂", "x"], ["调2", "2015-03-01", "乙厂", ""]],
    )
    assert len(rows_of(reading)) == 2
    assert [(p.code, p.column_name) for p in reading.tables[0].problems] == [("header_empty", "D")]
    assert classes(reading)["ignored_no_header"] == 1


def test_no_table_at_all(tmp_path: Path) -> None:
    reading = table(tmp_path, [["姓名", "年龄"], ["某甲", "3"]])
    assert codes(reading) == ["table_unrecognised"]
    assert reading.tables == []
    assert classes(reading) == {"unrecognised": 4}


def test_two_kinds_that_fit_equally_are_not_chosen_between(tmp_path: Path) -> None:
    rows = [["2015年台账"], ["案号", "受理日期", "用人单位"], ["1", "2015-03-01", "甲厂"]]
    assert codes(table(tmp_path, rows)) == ["record_ambiguous"]
    for word, kind in (("调解", "case"), ("援助", "aid")):
        assert table(tmp_path, rows, f"2015年{word}.csv").tables[0].record == kind
        assert table(tmp_path, rows, f"{word}/a.csv").tables[0].record == kind
        assert table(tmp_path, [[f"2015年{word}"], *rows[1:]], "调解/援助.csv").tables[0].record == kind


@pytest.mark.parametrize(
    ("title", "name", "covers", "evidence"),
    [
        ("2015年9月调解台账", "2015年9月.csv", (date(2015, 9, 1), date(2015, 9, 30)), "title"),
        ("调解台账", "2015年第三季度调解.csv", (date(2015, 7, 1), date(2015, 9, 30)), "name"),
        ("调解台账", "2015年/9月/调解.csv", (date(2015, 9, 1), date(2015, 9, 30)), "folder"),
        ("调解台账", "2015年/调解9月.csv", (date(2015, 9, 1), date(2015, 9, 30)), "name"),
        ("调解台账（2015年度）", "调解_20160108.csv", (date(2015, 1, 1), date(2015, 12, 31)), "title"),
    ],
)
def test_period_from_the_nearest_place(
    tmp_path: Path, title: str, name: str, covers: tuple[date, date], evidence: str
) -> None:
    found = table(tmp_path, [[title], HEADER, *case_rows(1)], name).tables[0]
    assert ((found.covers_from, found.covers_to), found.covers_evidence) == (covers, evidence)
    assert found.problems == []


def test_period_from_a_note_but_not_from_the_day_of_filling_in(tmp_path: Path) -> None:
    rows = [["调解台账"], ["统计时间：2015年9月", "填报时间：2015年10月8日"], HEADER, *case_rows(1)]
    found = table(tmp_path, rows).tables[0]
    assert (found.covers_from, found.covers_evidence) == (date(2015, 9, 1), "note")


@pytest.mark.parametrize(
    ("title", "name", "code"),
    [
        ("调解台账", "调解.csv", "period_unknown"),
        ("调解台账", "调解_20160108.csv", "period_unknown"),
        ("2014年和2015年调解台账", "2015年.csv", "period_ambiguous"),
    ],
)
def test_no_period(tmp_path: Path, title: str, name: str, code: str) -> None:
    found = table(tmp_path, [[title], HEADER, *case_rows(1)], name).tables[0]
    assert (found.covers_from, [p.code for p in found.problems]) == (None, [code])


def test_a_title_of_another_year_than_the_file_is_pointed_out(tmp_path: Path) -> None:
    found = table(tmp_path, [["2014年调解台账"], HEADER, *case_rows(1)], "2015年调解.csv").tables[0]
    assert [(p.code, p.severity) for p in found.problems] == [("period_differs", "warning")]
    assert found.covers_from == date(2014, 1, 1)


def test_a_roll_is_as_of_its_day(tmp_path: Path) -> None:
    rows = [["会员花名册"], ["会员证号", "所在工会"], ["1", "甲厂工会"]]
    found = table(tmp_path, [["2015年会员花名册（截至2015年9月30日）"], *rows[1:]]).tables[0]
    assert (found.covers_from, found.covers_to) == (date(2015, 9, 30), date(2015, 9, 30))
    found = table(tmp_path, rows, "花名册20150930.csv").tables[0]
    assert (found.covers_to, found.covers_evidence) == (date(2015, 9, 30), "name")


def test_sheets_named_by_month_take_the_year_of_the_title(tmp_path: Path) -> None:
    sheets = {month: [TITLE, HEADER, *case_rows(1)] for month in ("1月", "2月")}
    found = read(workbook(tmp_path / "a.xlsx", sheets)).tables
    assert [t.covers_from for t in found] == [date(2015, 1, 1), date(2015, 2, 1)]


def test_years_down_give_the_period(tmp_path: Path) -> None:
    rows = [
        ["工会统计"],
        ["地区", "年度", "会员人数"],
        ["永川区", "2013年", "5"],
        ["永川区", "2015年", "7"],
        ["合计", "", "12"],
    ]
    reading = table(tmp_path, rows)
    found = reading.tables[0]
    assert (found.covers_from, found.covers_to) == (date(2013, 1, 1), date(2015, 12, 31))
    assert found.covers_evidence == "column"
    assert [row["year"] for row in rows_of(reading)] == ["2013年", "2015年"]


def test_header_of_two_rows(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "金额", "", "备注"],
        ["", "", "申请金额（万元）", "兑现金额", ""],
        ["调1", "2015-03-01", "2", "1", "x"],
    ]
    reading = table(tmp_path, rows)
    assert rows_of(reading) == [
        {
            "row_number": 4,
            "case_no": "调1",
            "accepted_on": "2015-03-01",
            "claimed_yuan": "2",
            "paid_yuan": "1",
            "remark": "x",
        }
    ]
    assert [m.unit for m in reading.tables[0].columns if m.column == "claimed_yuan"] == ["万元"]
    assert classes(reading)["header"] == 6


def test_general_word_below_a_merged_header_needs_the_pair(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "申请", "兑现"],
        ["", "", "金额", "金额"],
        ["调1", "2015-03-01", "2", "1"],
    ]
    row = rows_of(table(tmp_path, rows))[0]
    assert (row["claimed_yuan"], row["paid_yuan"]) == ("2", "1")


def test_zero_report(tmp_path: Path) -> None:
    reading = table(tmp_path, [TITLE, HEADER, ["", "", ""], ["合计", "", ""], ["填表人：", "", ""]])
    assert rows_of(reading) == []
    assert reading.tables[0].is_zero_report
    assert codes(reading) == []


def test_header_again_on_each_page_and_column_numbers(tmp_path: Path) -> None:
    rows = [TITLE, HEADER, ["1", "2", "3"], *case_rows(2), HEADER, *case_rows(2)]
    reading = table(tmp_path, rows)
    assert len(rows_of(reading)) == 4
    assert (classes(reading)["repeated_header"], classes(reading)["column_numbers"]) == (3, 3)


def test_a_second_table_in_the_sheet_is_read_as_what_it_is(tmp_path: Path) -> None:
    rows = [
        TITLE,
        HEADER,
        *case_rows(2),
        ["地区", "会员人数", "职工人数"],
        ["永川区", "5", "6"],
        ["合计", "5", "6"],
    ]
    reading = sheet(tmp_path, rows)
    first, second = reading.tables
    assert (first.record, len(rows_of(reading, 0))) == ("case", 2)
    assert (second.record, second.header_row, second.covers_from) == ("statistics", 5, date(2015, 1, 1))
    assert [row["members_people"] for row in rows_of(reading, 1)] == ["5"]
    assert classes(reading)["subtotal"] == 3
    assert is_explained(reading)


@pytest.mark.parametrize("block", [50, 1 << 20])
def test_a_second_table_without_a_gap_in_a_text_stops_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("flows.read.formats.delimited_text.lines.BLOCK", block)
    rows = [TITLE, HEADER, *case_rows(2), ["地区", "会员人数", "职工人数"], ["永川区", "5", "6"]]
    reading = table(tmp_path, rows)
    assert len(rows_of(reading)) == 2
    assert [(p.code, p.row_number) for p in reading.problems] == [("second_table", 5)]
    assert classes(reading)["second_table"] == 6
    assert is_explained(reading)


@pytest.mark.parametrize(
    "row",
    [
        ["永川会计师事务所", "2015-03-01", "甲厂"],
        ["注协1号", "2015-03-01", "甲厂"],
        ["调1", "", "甲厂"],
        ["", "2015-03-01", "合计划有限公司"],
        ["填表1", "2015-03-01", "备注"],
        ["2015年1号", "", "重庆市电话局"],
    ],
)
def test_rows_that_only_look_like_notes_or_totals_are_data(tmp_path: Path, row: list[str]) -> None:
    assert len(rows_of(table(tmp_path, [TITLE, HEADER, row]))) == 1


def test_kinds_may_be_a_single_contract(tmp_path: Path) -> None:
    rows = [["台账2015年"], HEADER, *case_rows(1)]
    assert table(tmp_path, rows, kinds={"case": CASE}).tables[0].record == "case"
    assert set(KINDS) == {"case", "aid", "roll", "statistics"}


def test_tables_side_by_side_of_which_one_lacks_a_column(tmp_path: Path) -> None:
    """Neither title nor number of a case, but a title of its own; together they know more than as one table."""
    top = [["2015年劳动争议调解台账", "", "", "", "", "2015年法律援助明细", "", ""]]
    header = ["受理日期", "用人单位", "涉及人数", "申请金额", "", "援助编号", "受理日期", "用人单位"]
    rows = [[f"2015-03-0{n}", f"第{n}厂", "2", "100", "", f"援{n}", "2015-04-01", "丁厂"] for n in (1, 2, 3)]
    reading = table(tmp_path, [*top, header, *rows])
    assert [t.record for t in reading.tables] == ["case", "aid"]
    assert [len(rows_of(reading, 0)), len(rows_of(reading, 1))] == [3, 3]


def test_a_title_names_no_kind_of_which_another_knows_two_headers_more(tmp_path: Path) -> None:
    header = ["受理日期", "用人单位", "涉及人数", "申请金额", "其他词"]
    reading = table(tmp_path, [["2015年法律援助明细"], header, ["2015-03-01", "甲厂", "2", "100", "丙"]])
    assert [t.record for t in reading.tables] == ["case"]


def test_a_header_on_the_next_page_below_a_cell_of_two_lines(tmp_path: Path) -> None:
    """The line number jumps after such a cell, and two of the header's words are known to no contract."""
    header = ["案号", "受理日期", "人数", "甲词", "乙词"]
    rows = [[f"调{n}", "2015-03-01", "2", "渝西路\n1号", "丙"] for n in range(1, 5)]
    reading = table(tmp_path, [TITLE, header, *rows[:2], header, *rows[2:]])
    assert [row["case_no"] for row in rows_of(reading)] == ["调1", "调2", "调3", "调4"]
