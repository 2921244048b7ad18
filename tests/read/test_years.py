"""Real public layouts, rebuilt small: statistics with a unit line, and years as columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.contract.catalogue import records
from tests.read.forms import classes, codes, csv_file, is_explained, read, rows_of, sheet, workbook

EMPLOYMENT = [
    ["数据库：分省年度数据"],
    ["指标：城镇单位就业人员(万人)"],
    ["时间：最近5年"],
    ["地区", "2016年", "2015年", "2014年", "2013年", "2012年"],
    ["北京市", "", "777.3", "755.9", "742.3", ""],
    ["重庆市", "", "415.6", "414.5", "", ""],
    ["注：1.2013年起行业采用新的分类标准，与前期不可比。"],
    ["　　　2.城镇单位数据不含私营单位。"],
    ["数据来源：国家统计局"],
]


def test_statistics_with_title_unit_line_english_names_and_footnote(tmp_path: Path) -> None:
    rows = [
        ["工会统计：各地区基层工会、职工和会员（2000年）"],
        ["单位：个、人"],
        ["地  区", "Region", "基层工会数", "职工人数", "其中：女职工", "会员人数"],
        ["北  京", "Beijing", "12023", "2416136", "1023391", "2280730"],
        ["重  庆", "Chongqing", "12566", "1887058", "674334", "1752854"],
        ["注：本表不含青海、宁夏、新疆。"],
    ]
    reading = read(csv_file(tmp_path / "union-statistics.csv", rows, "gb18030"))
    found = reading.tables[0]
    assert (found.record, found.covers_from, found.covers_to) == (
        "statistics",
        date(2000, 1, 1),
        date(2000, 12, 31),
    )
    assert rows_of(reading)[1] == {
        "row_number": 5,
        "unit_code": "重  庆",
        "unions": "12566",
        "staff_people": "1887058",
        "women_people": "674334",
        "members_people": "1752854",
    }
    assert [m.unit for m in found.columns if m.column] == [None, "个", "人", "人", "人"]
    assert codes(reading) == []
    assert classes(reading) == {"title": 1, "note": 2, "header": 6, "used": 10, "ignored_translation": 2}


def test_year_from_the_file_name_alone(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "union-members-2008.csv", [["地区", "工会会员人数(人)"], ["重庆", "4238907"]], "utf-8-sig"
    )
    reading = read(path)
    assert rows_of(reading) == [{"row_number": 2, "unit_code": "重庆", "members_people": "4238907"}]
    assert (reading.tables[0].covers_from, reading.tables[0].covers_evidence) == (date(2008, 1, 1), "name")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_years_across_become_a_table_for_each_year_with_values(tmp_path: Path, form: str) -> None:
    if form == "csv":
        path = csv_file(tmp_path / "employment.csv", EMPLOYMENT, "gbk")
    else:
        path = workbook(tmp_path / "employment.xlsx", {"分省": EMPLOYMENT})
    reading = read(path)
    years = [(t.covers_from, t.covers_to, t.covers_evidence) for t in reading.tables]
    assert years == [(date(y, 1, 1), date(y, 12, 31), "column") for y in (2013, 2014, 2015)]
    assert rows_of(reading, 0) == [
        {"row_number": 5, "unit_code": "北京市", "year": "2013", "employed_people": "742.3"}
    ]
    assert [row["employed_people"] for row in rows_of(reading, 2)] == ["777.3", "415.6"]
    last = {m.column: (m.position, m.header, m.unit) for m in reading.tables[2].columns}
    assert last == {
        "unit_code": (1, "地区", None),
        "year": (3, "2015年", None),
        "employed_people": (3, "2015年", "万人"),
    }
    assert [(t.rows_read, t.rows_ignored) for t in reading.tables] == [(4, 3), (2, 0), (2, 0)]
    assert codes(reading) == []
    assert classes(reading) == {"note": 6, "header": 6, "used": 7}
    assert is_explained(reading)


def test_a_damaged_row_is_rejected_once(tmp_path: Path) -> None:
    rows = [*EMPLOYMENT[:5], ["重庆市", "415.6"], ["四川省", "", "", "", "", ""]]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    first = rows_of(reading, 0)
    assert [(row["row_number"], row["_reader_issue"]) for row in first] == [(5, None), (6, "row_ragged")]
    assert [t.rows_read - t.rows_ignored for t in reading.tables] == [2, 1, 1]
    assert sum(t.rows_ignored for t in reading.tables) == 1  # a unit without any value reports nothing
    assert is_explained(reading)


def test_years_without_values(tmp_path: Path) -> None:
    rows = [*EMPLOYMENT[:4], ["北京市", "", "", "", "", ""]]
    assert codes(read(csv_file(tmp_path / "a.csv", rows))) == ["table_without_values", "file_without_table"]


@pytest.mark.parametrize("measure", ["指标：国内生产总值(亿元)", "", "指标：会员人数和职工人数"])
def test_the_measure_must_be_named(tmp_path: Path, measure: str) -> None:
    rows = [[measure] if i == 1 else row for i, row in enumerate(EMPLOYMENT)]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert codes(reading) == ["measure_unknown"]
    assert rows_of(reading) == []


def test_one_year_twice_holds_back(tmp_path: Path) -> None:
    rows = [[*EMPLOYMENT[3][:-1], "2015"] if i == 3 else row for i, row in enumerate(EMPLOYMENT)]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert codes(reading) == ["header_repeated"]
    assert rows_of(reading) == []
    assert is_explained(reading)


FUNDS = [
    ["2015年工会经费收缴情况统计表"],
    ["单位名称", "应拨缴经费(2%)", "实拨缴经费", "应上解(40%)"],
    ["甲厂", "100", "90", "36"],
    ["乙厂", "200", "180", "72"],
    ["合计", "300", "270", "108"],
]


def test_the_total_of_bodies_is_the_row_of_a_kind_of_one_row_a_year(tmp_path: Path) -> None:
    reading = read(csv_file(tmp_path / "a.csv", FUNDS), kinds=records())
    (row,) = rows_of(reading)
    assert (row["row_number"], row["year"], row["collectible_yuan"], row["due_yuan"]) == (
        5,
        "2015",
        "300",
        "108",
    )
    assert reading.tables[0].filled == {"year": ("2015", "title")}
    assert ("total_taken", 5) in [(p.code, p.row_number) for p in reading.tables[0].problems]
    assert classes(reading)["part_of_total"] == 8
    assert is_explained(reading)


def test_a_total_that_is_not_the_sum_of_its_parts_is_no_row(tmp_path: Path) -> None:
    rows = [*FUNDS[:4], ["合计", "310", "270", "108"]]
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    assert [row["row_number"] for row in rows_of(reading)] == [3, 4]
    assert "year" not in reading.tables[0].filled
    assert {"column_missing", "total_differs"} <= {p.code for p in reading.tables[0].problems}


def test_a_list_of_figures_is_a_form_and_last_year_no_record(tmp_path: Path) -> None:
    """As yearbooks print it: a figure per line, its unit of measure beside it, the year before in the last column."""
    rows = [
        ["2015年度工会统计年报表"],
        ["填报单位:黔江区总工会", "", "", ""],
        ["指标名称", "计量单位", "本年", "上年"],
        ["基层工会数", "个", "684", "651"],
        ["职工总数", "万人", "4.8", "4.6"],
        ["其中:女职工", "人", "20114", "19480"],
        ["工会会员数", "人", "46051", "44700"],
    ]
    reading = sheet(tmp_path, rows, kinds=records())
    assert rows_of(reading) == [
        {
            "row_number": 3,
            "unit_code": "黔江区总工会",
            "unions": "684",
            "staff_people": "4.8",
            "women_staff_people": "20114",
            "members_people": "46051",
        }
    ]
    assert {m.column: m.unit for m in reading.tables[0].columns}["staff_people"] == "万人"
    assert classes(reading)["ignored_beside"] == 8
    assert is_explained(reading)
