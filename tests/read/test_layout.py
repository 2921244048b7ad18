"""Sheets as people lay them out: several tables, merged cells, headings, hidden parts, stated totals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.read.forms import HEADER, case_rows, classes, codes, csv_file, is_explained, read, rows_of, sheet

TITLE = ["2015年劳动争议调解台账"]


def column(reading: object, name: str, table: int = 0) -> list[object]:
    return [row[name] for row in rows_of(reading, table)]  # type: ignore[arg-type]


def test_tables_below_each_other_with_titles_and_footers_of_their_own(tmp_path: Path) -> None:
    rows = [
        ["2015年1月劳动争议调解台账"],
        HEADER,
        *case_rows(2),
        ["合计", "", ""],
        ["填表人：某甲"],
        [""],
        ["2015年2月劳动争议调解台账"],
        ["单位：万元"],
        HEADER,
        *case_rows(3),
        ["注：均为初次受理"],
    ]
    reading = sheet(tmp_path, rows)
    assert [(t.record, t.header_row, t.covers_from) for t in reading.tables] == [
        ("case", 2, date(2015, 1, 1)),
        ("case", 10, date(2015, 2, 1)),
    ]
    assert [len(rows_of(reading, i)) for i in (0, 1)] == [2, 3]
    assert codes(reading) == []
    assert classes(reading) == {"title": 2, "note": 3, "header": 6, "used": 15, "subtotal": 1}
    assert is_explained(reading)


@pytest.mark.parametrize("again", [[], TITLE])
def test_the_same_header_on_the_next_page_begins_no_table(tmp_path: Path, again: list[str]) -> None:
    page = [again] if again else []
    reading = sheet(tmp_path, [TITLE, HEADER, *case_rows(2), [""], *page, HEADER, *case_rows(2)])
    assert len(reading.tables) == 1
    assert len(rows_of(reading)) == 4
    assert classes(reading)["repeated_header"] == 3
    assert classes(reading)["repeated_title"] == len(page)
    assert is_explained(reading)


def test_a_table_nobody_knows_below_one_that_counts(tmp_path: Path) -> None:
    rows = [
        TITLE,
        HEADER,
        *case_rows(2),
        [""],
        ["各镇街车辆情况表"],
        ["镇街", "车牌", "用途"],
        ["甲镇", "1", "2"],
    ]
    reading = sheet(tmp_path, rows)
    assert len(rows_of(reading)) == 2
    assert [(p.code, p.severity) for p in reading.problems] == [("table_unrecognised", "warning")]
    assert classes(reading)["unrecognised"] == 7
    assert [(t.header_row, t.rows_read) for t in reading.unrecognised] == [(7, 1)]
    assert is_explained(reading)


def test_a_table_nobody_knows_above_one_that_counts(tmp_path: Path) -> None:
    above = [["甲", "乙", "丙"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], [""]]
    reading = sheet(tmp_path, [*above, TITLE, HEADER, *case_rows(2)])
    assert [(t.record, t.covers_from) for t in reading.tables] == [("case", date(2015, 1, 1))]
    assert (classes(reading)["unrecognised"], classes(reading)["title"]) == (12, 1)
    assert rows_of(reading)
    assert is_explained(reading)


def test_a_table_that_begins_below_a_hundred_rows_of_something_else(tmp_path: Path) -> None:
    other = [["甲", "乙", "丙"], *([f"{i}", "x", "y"] for i in range(150)), [""]]
    reading = sheet(tmp_path, [*other, TITLE, HEADER, *case_rows(2)])
    assert column(reading, "case_no") == ["调1", "调2"]
    assert is_explained(reading)


def test_tables_beside_each_other(tmp_path: Path) -> None:
    left, right = ["调解号", *HEADER[1:]], ["援助编号", "受理日期", "用人单位"]
    rows = [
        ["2015年台账"],
        [*left, "", *right],
        ["调1", "2015-01-01", "甲厂", "", "援1", "2015-01-02", "乙厂"],
        ["调2", "2015-01-03", "丙厂", "", "", "", ""],
    ]
    reading = sheet(tmp_path, rows)
    assert [t.record for t in reading.tables] == ["case", "aid"]
    assert column(reading, "case_no", 0) == ["调1", "调2"]
    assert [(r["row_number"], r["aid_no"], r["employer"]) for r in rows_of(reading, 1)] == [
        (3, "援1", "乙厂")
    ]
    assert (classes(reading)["title"], classes(reading)["header"], classes(reading)["used"]) == (1, 6, 9)
    assert is_explained(reading)


def test_one_list_in_two_columns_of_a_page(tmp_path: Path) -> None:
    rows = [TITLE, [*HEADER, *HEADER], ["调1", "2015-01-01", "甲厂", "调2", "2015-01-03", "丙厂"]]
    reading = sheet(tmp_path, rows)
    assert [column(reading, "case_no", i) for i in (0, 1)] == [["调1"], ["调2"]]
    assert is_explained(reading)


def test_an_empty_column_in_the_middle_splits_nothing(tmp_path: Path) -> None:
    rows = [TITLE, ["案号", "受理日期", "", "用人单位", "备注"], ["调1", "2015-01-01", "", "甲厂", "x"]]
    assert column(sheet(tmp_path, rows), "employer") == ["甲厂"]


def test_header_of_three_merged_rows(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "处理情况", "", "", "备注"],
        ["", "", "申请", "兑现", "", ""],
        ["", "", "金额（万元）", "金额", "", ""],
        ["调1", "2015-01-01", "2", "1", "", "x"],
    ]
    merges = ((2, 1, 4, 1), (2, 2, 4, 2), (2, 3, 2, 5), (3, 4, 3, 5), (4, 4, 4, 5), (2, 6, 4, 6))
    reading = sheet(tmp_path, rows, merges=merges)
    [row] = rows_of(reading)
    assert (row["row_number"], row["case_no"], row["claimed_yuan"], row["paid_yuan"], row["remark"]) == (
        5,
        "调1",
        "2",
        "1",
        "x",
    )
    assert classes(reading)["header"] == 8
    assert is_explained(reading)


def test_a_header_that_merged_cells_prove_is_never_read_as_data(tmp_path: Path) -> None:
    """`人数` over 男 and 女: to take the first for the whole would be a wrong number."""
    rows = [
        TITLE,
        ["案号", "受理日期", "涉及人数", ""],
        ["", "", "男", "女"],
        ["调1", "2015-01-01", "2", "1"],
    ]
    merges = ((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 4))
    reading = sheet(tmp_path, rows, merges=merges)
    assert rows_of(reading) == [{"row_number": 4, "case_no": "调1", "accepted_on": "2015-01-01"}]
    assert codes(reading) == ["header_unknown", "header_unknown"]
    held = [(m.header, m.candidates[0]) for m in reading.tables[0].columns if m.is_held]
    assert held == [("涉及人数/男", "people"), ("涉及人数/女", "people")]
    assert is_explained(reading)


def test_without_a_merged_range_a_name_reaches_no_further(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "申请", "", "兑现"],
        ["", "", "金额", "金额", "金额"],
        ["调1", "2015-01-01", "2", "3", "1"],
    ]
    reading = sheet(tmp_path, rows)
    assert [row.keys() & {"claimed_yuan", "paid_yuan"} for row in rows_of(reading)] == [
        {"claimed_yuan", "paid_yuan"}
    ]
    assert [(m.header, m.candidates[:1]) for m in reading.tables[0].columns if m.is_held] == [
        ("金额", ("people",))
    ]
    assert is_explained(reading)


def test_cells_merged_downwards_say_the_same_of_each_row(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "用人单位", "申请金额"],
        ["调1", "2015-01-01", "甲厂", "100"],
        ["调2", "", "", ""],
        ["调3", "2015-01-03", "", "5"],
    ]
    reading = sheet(tmp_path, rows, merges=((3, 2, 4, 2), (3, 3, 5, 3), (3, 4, 4, 4)))
    found = rows_of(reading)
    assert [r["accepted_on"] for r in found] == ["2015-01-01", "2015-01-01", "2015-01-03"]
    assert [r["employer"] for r in found] == ["甲厂", "甲厂", "甲厂"]
    assert [r["claimed_yuan"] for r in found] == ["100", None, "5"]
    assert [(p.code, p.row_number, p.column_name) for p in reading.tables[0].problems] == [
        ("value_merged", 3, "D")
    ]
    assert classes(reading)["used"] == 8
    assert is_explained(reading)


def test_blank_cells_that_nobody_merged_stay_blank(tmp_path: Path) -> None:
    rows = [TITLE, HEADER, ["调1", "2015-01-01", "甲厂"], ["调2", "2015-01-02", ""]]
    assert column(sheet(tmp_path, rows), "employer") == ["甲厂", None]


@pytest.mark.parametrize("heading", ["一、市级案件", "（二）区级案件", "主城区(9所)", "永川区："])
def test_headings_within_a_table(tmp_path: Path, heading: str) -> None:
    reading = sheet(
        tmp_path,
        [TITLE, HEADER, [heading], *case_rows(2), [heading + "x"] if heading[-1] == ")" else [heading]],
    )
    assert len([r for r in rows_of(reading) if r["accepted_on"]]) == 2
    assert classes(reading)["group"] >= 1
    assert is_explained(reading)


def test_a_heading_over_merged_columns(tmp_path: Path) -> None:
    reading = sheet(tmp_path, [TITLE, HEADER, ["上半年"], *case_rows(2)], merges=((3, 1, 3, 3),))
    assert column(reading, "case_no") == ["调1", "调2"]
    assert classes(reading)["group"] == 1


def test_hidden_rows_and_columns_are_reported_and_not_read(tmp_path: Path) -> None:
    rows = [TITLE, [*HEADER, "备注"], *([*row, "x"] for row in case_rows(4))]
    reading = sheet(tmp_path, rows, hidden_rows=frozenset({4, 5}), hidden_columns=frozenset({4}))
    assert column(reading, "case_no") == ["调1", "调4"]
    assert [(p.code, p.row_number, p.column_name) for p in reading.problems] == [
        ("row_hidden", 4, None),
        ("column_hidden", None, "D"),
    ]
    assert classes(reading)["hidden"] == 6 + 5
    assert is_explained(reading)


def test_a_hidden_column_that_is_required_is_missing(tmp_path: Path) -> None:
    reading = sheet(tmp_path, [["", *TITLE], HEADER, *case_rows(2)], hidden_columns=frozenset({1}))
    assert "column_missing" in codes(reading)
    assert ["case_no" in row for row in rows_of(reading)] == [False, False]
    assert is_explained(reading)


MONEY = ["案号", "受理日期", "涉及人数", "申请金额"]


@pytest.mark.parametrize(
    ("totals", "differing"),
    [
        (["3", "300.5"], []),
        (["3", "300.50"], []),
        (["4", "300.5"], [(5, "C")]),
        (["3", "3005"], [(5, "D")]),
        (["", ""], []),
    ],
)
def test_a_total_is_held_against_the_rows(
    tmp_path: Path, totals: list[str], differing: list[tuple[int, str]]
) -> None:
    rows = [
        TITLE,
        MONEY,
        ["调1", "2015-01-01", "1", "100.5"],
        ["调2", "2015-01-01", "2", "200"],
        ["合计", "", *totals],
    ]
    for reading in (sheet(tmp_path, rows), read(csv_file(tmp_path / "a.csv", rows))):
        assert len(rows_of(reading)) == 2
        found = [
            (p.row_number, p.column_name) for p in reading.tables[0].problems if p.code == "total_differs"
        ]
        assert found == differing


def test_subtotals_of_groups_and_the_grand_total(tmp_path: Path) -> None:
    rows = [
        TITLE,
        MONEY,
        ["总计", "", "10", "10"],
        ["调1", "2015-01-01", "1", "1"],
        ["调2", "2015-01-01", "2", "2"],
        ["小计", "", "3", "3"],
        ["调3", "2015-01-01", "3", "3"],
        ["调4", "2015-01-01", "4", "4"],
        ["小计", "", "7", "8"],
        ["合计", "", "10", "10"],
    ]
    reading = sheet(tmp_path, rows)
    assert len(rows_of(reading)) == 4
    assert [(p.code, p.row_number, p.column_name) for p in reading.tables[0].problems] == [
        ("total_differs", 9, "D")
    ]


def test_a_total_over_cells_that_are_no_numbers_is_not_judged(tmp_path: Path) -> None:
    rows = [TITLE, MONEY, ["调1", "2015-01-01", "1", "约3万"], ["合计", "", "1", "9"]]
    reading = sheet(tmp_path, rows)
    assert len(rows_of(reading)) == 1
    assert codes(reading) == []


def test_a_form_whose_records_stand_in_columns(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["单位：万元"],
        ["案号", "调1", "调2"],
        ["受理日期", "2015-01-01", "2015-02-01"],
        ["用人单位", "甲厂", ""],
        ["申请金额", "1", "2"],
        ["填表人：某甲"],
    ]
    for reading in (
        sheet(tmp_path, rows),
        read(csv_file(tmp_path / "a.csv", [[*r, *[""] * (3 - len(r))] for r in rows])),
    ):
        [table] = reading.tables
        assert (table.record, table.is_turned, table.header_row) == ("case", True, 1)
        assert table.covers_from == date(2015, 1, 1)
        found = rows_of(reading)
        assert [(r["row_number"], r["case_no"], r["employer"], r["claimed_yuan"]) for r in found] == [
            (2, "调1", "甲厂", "1"),
            (3, "调2", None, "2"),
        ]
        assert [m.unit for m in table.columns if m.column == "claimed_yuan"] == ["万元"]
        assert codes(reading) == []
        assert classes(reading) == {"title": 1, "note": 2, "header": 4, "used": 7}
        assert is_explained(reading)


def test_an_unknown_header_of_such_a_form_has_its_address_in_the_sheet(tmp_path: Path) -> None:
    rows = [TITLE, ["案号", "调1"], ["受理日期", "2015-01-01"], ["神秘", "x"], ["用人单位", "甲厂"]]
    reading = sheet(tmp_path, rows)
    assert [(p.code, p.row_number, p.column_name) for p in reading.tables[0].problems] == [
        ("header_unknown", 4, "A")
    ]
    assert [row["case_no"] for row in rows_of(reading)] == ["调1"]
    assert is_explained(reading)


def test_a_header_of_several_lines_far_down_in_a_text(tmp_path: Path) -> None:
    rows = [
        TITLE,
        HEADER,
        *case_rows(120),
        ["", "", ""],
        ["2014年劳动争议调解台账", "", ""],
        ["案\n号", "受理\n日期", "用人单位"],
    ]
    reading = read(csv_file(tmp_path / "a.csv", [*rows, *case_rows(3)]))
    assert [len(rows_of(reading, i)) for i in (0, 1)] == [120, 3]
    assert reading.tables[1].covers_from == date(2014, 1, 1)
    assert is_explained(reading)
