"""Shapes found in files that nobody here made: notes, sections, foreign tables below, repeated tables, sketches."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import records
from tests.read.forms import classes, codes, csv_file, is_explained, read, rows_of

TITLE = ["2015年调解台账"]
HEADER = ["案号", "受理日期", "用人单位", "涉及人数"]
BLANK = ["", "", "", ""]


def row(number: int) -> list[str]:
    return [f"调{number}", "2015-03-01", f"第{number}厂", "3"]


def cases(tmp_path: Path, *rows: list[str]) -> list[object]:
    """The case numbers of a table with such rows below two cases; every cell is accounted for."""
    reading = read(csv_file(tmp_path / "a.csv", [TITLE, HEADER, row(1), row(2), *rows]))
    numbers = [line["case_no"] for line in rows_of(reading)]
    assert is_explained(reading)
    return numbers


@pytest.mark.parametrize(
    "note",
    [
        ["注：1.本表由工会填写\n2.报上级"],
        ["1.本表由基层工会填写\n2.报上级工会", "", "", ""],
        ["注：", "本表由工会填写", "", ""],
        ["备注", "本表由工会填写", "", ""],
    ],
    ids=["of two lines, quoted and alone", "of two lines", "in the next cell", "without a colon"],
)
def test_a_note_is_no_row(tmp_path: Path, note: list[str]) -> None:
    assert cases(tmp_path, note) == ["调1", "调2"]


def test_words_where_rows_are_counted_are_a_section(tmp_path: Path) -> None:
    rows = [["序号", *HEADER], ["机关单位", *BLANK], ["1", *row(1)], ["企业", *BLANK], ["2", *row(2)]]
    reading = read(csv_file(tmp_path / "a.csv", [TITLE, *rows]))
    assert [line["case_no"] for line in rows_of(reading)] == ["调1", "调2"]
    assert classes(reading)["group"] == 2
    assert is_explained(reading)


def test_a_foreign_table_below_without_a_title_is_another_table(tmp_path: Path) -> None:
    foreign = [["编码", "车辆", "司机", "里程"], ["1", "渝A", "张", "300"], ["2", "渝B", "李", "400"]]
    reading = read(csv_file(tmp_path / "a.csv", [TITLE, HEADER, row(1), BLANK, *foreign]))
    assert [line["case_no"] for line in rows_of(reading)] == ["调1"]
    assert codes(reading) == ["table_unrecognised"]
    assert [(t.header_row, t.rows_read) for t in reading.unrecognised] == [(5, 2)]
    assert classes(reading)["unrecognised"] == 12
    assert is_explained(reading)


def test_a_row_of_words_after_a_blank_one_is_still_a_row(tmp_path: Path) -> None:
    """Where a day and a number should be, only one says something else."""
    assert cases(tmp_path, BLANK, ["调3", "不详", "第3厂", ""]) == ["调1", "调2", "调3"]


def test_three_header_rows_of_a_text(tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["案号", "受理日期", "情况", "", ""],
        ["", "", "人员", "", "金额"],
        ["", "", "涉及人数", "其他", "申请金额"],
        ["调1", "2015-03-01", "3", "x", "100"],
    ]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert [(m.header, m.column) for m in reading.tables[0].columns[2:]] == [
        ("人员/涉及人数", "people"),
        ("人员/其他", None),
        ("金额/申请金额", "claimed_yuan"),
    ]
    assert [line["row_number"] for line in rows_of(reading)] == [5]
    assert is_explained(reading)


def test_headers_that_differ_by_case_only_are_one_header_twice(tmp_path: Path) -> None:
    rows = [TITLE, [*HEADER, "Name", "NAME"], [*row(1), "a", "b"]]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert [(p.code, p.column_name, p.header) for p in reading.tables[0].problems] == [
        ("header_unknown", "E", "Name"),
        ("header_unknown", "F", "NAME"),
    ]
    assert len(rows_of(reading)) == 1


@pytest.mark.parametrize("again", [True, False])
def test_a_repeated_table_is_said(tmp_path: Path, again: bool) -> None:
    below = [row(1), row(2)] if again else [row(1), row(3)]
    reading = read(
        csv_file(tmp_path / "a.csv", [TITLE, HEADER, row(1), row(2), BLANK, TITLE, HEADER, *below])
    )
    assert len(rows_of(reading)) == 4
    assert codes(reading) == (["table_repeated"] if again else [])


@pytest.mark.parametrize("again", [True, False])
def test_a_table_repeated_for_the_same_kind_is_said(tmp_path: Path, again: bool) -> None:
    other = ["2015年9月调解台账"]
    below = [row(1), row(2)] if again else [row(1), row(3)]
    reading = read(
        csv_file(tmp_path / "a.csv", [TITLE, HEADER, row(1), row(2), BLANK, other, HEADER, *below])
    )
    assert [len(rows_of(reading, table)) for table in (0, 1)] == [2, 2]
    assert codes(reading) == (["table_repeated"] if again else [])


def test_a_month_of_a_year_is_a_word_in_a_header(tmp_path: Path) -> None:
    rows = [["某表"], ["城市", "2020年3月", "2020年4月"], ["渝中", "11", "22"], ["渝北", "12", "23"]]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert [(t.header_row, t.rows_read) for t in reading.unrecognised] == [(2, 2)]


def test_a_sketch_counts_rows_by_the_rules_of_all_tables(tmp_path: Path) -> None:
    rows = [["库存表"], ["品名", "数量", "单价"], ["纸", "11", "2"], ["笔", "31", "2"]]
    notes = [["合计", "42", ""], ["制表人：张", "", ""], ["注：不含借出", "", ""]]
    reading = read(csv_file(tmp_path / "a.csv", [*rows, *notes]))
    (found,) = reading.unrecognised
    assert (found.header_row, found.rows_read, found.rows_ignored) == (2, 5, 3)
    assert is_explained(reading)


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([["2015年追讨工资"], ["甲", "乙", "丙"], ["x", "y", "z"]], "讨薪维权台账（缺欠薪金额、追回金额）"),
        ([["2015年情况"], ["案由", "调解员", "受理日期"], ["x", "y", "z"]], "劳动争议调解台账（缺案号）"),
        ([["2015年情况"], ["甲", "乙", "丙"], ["x", "y", "z"]], ""),
    ],
)
def test_an_unknown_table_names_the_nearest_kind_and_what_is_missing(
    tmp_path: Path, rows: list[list[str]], hint: str
) -> None:
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    assert [(p.code, p.hint) for p in reading.problems] == [("table_unrecognised", hint)]


def test_headers_of_one_kind_alone_need_no_title(tmp_path: Path) -> None:
    """印制方式, by which the kind is known, is not there; nobody else has these headers."""
    rows = [
        ["2015年情况"],
        ["宣传品名称", "制作时间", "数量(本)", "印刷费用"],
        ["手册", "2015年3月", "1000", "800"],
    ]
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    assert [table.record for table in reading.tables] == ["publication"]
    assert [p.column_name for p in reading.tables[0].problems] == ["印制方式"]
