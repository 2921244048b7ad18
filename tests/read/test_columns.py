"""What a table says of all its rows, and headers that a unit or a merged header gives their meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import records
from tests.read.forms import classes, csv_file, is_explained, read, rows_of, sheet

HONOURS = ["荣誉名称", "级别", "获得者"]
HONOUR = ["重庆五一劳动奖章", "市级", "甲"]


@pytest.mark.parametrize(
    ("title", "filled"),
    [
        ("云阳县2015年受表彰先进个人汇总表", {"owner": ("先进个人", "title")}),
        ("云阳县2015年受表彰先进集体和先进个人汇总表", {}),  # two codes: none
        ("云阳县2015年荣誉表彰情况（不含个人）", {}),
        ("云阳县总工会2015年职工荣誉表彰", {}),  # words of any title say nothing
    ],
)
def test_a_title_fills_a_column_with_the_one_code_that_it_names(
    tmp_path: Path, title: str, filled: dict[str, tuple[str, str]]
) -> None:
    reading = read(csv_file(tmp_path / "a.csv", [[title], HONOURS, HONOUR]), kinds=records())
    (table,) = reading.tables
    assert table.filled == filled
    assert [row.get("owner") for row in rows_of(reading)] == [text for text, _ in filled.values()] or [None]
    missing = [p.column_name for p in table.problems if p.code == "column_missing"]
    assert ("获得者类型" in missing) == ("owner" not in filled)


def test_a_header_is_never_overridden(tmp_path: Path) -> None:
    rows = [["2015年先进个人荣誉表彰"], [*HONOURS, "获得者类型"], [*HONOUR, ""]]
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    assert reading.tables[0].filled == {}
    assert rows_of(reading)[0]["owner"] is None


def test_a_note_about_the_sender_says_nothing_of_the_rows(tmp_path: Path) -> None:
    rows = [
        ["2015年困难职工档案"],
        ["填报单位：合川区困难职工帮扶中心"],
        ["姓名", "困难类别", "家庭人口"],
        ["甲", "低保户", "3"],
    ]
    assert read(csv_file(tmp_path / "a.csv", rows), kinds=records()).tables[0].filled == {}


@pytest.mark.parametrize("registered", ["涉及/男", "男"])
def test_a_column_below_a_merged_header_can_be_ignored(tmp_path: Path, registered: str) -> None:
    rows = [
        ["2015年调解台账"],
        ["案号", "受理日期", "涉及", ""],
        ["", "", "男", "女"],
        ["调1", "2015-01-01", "2", "1"],
    ]
    merges = ((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 4))
    reading = sheet(tmp_path, rows, spellings={registered: "ignore"}, merges=merges)
    (table,) = reading.tables
    assert [(m.header, m.ignored_by) for m in table.columns[2:]] == [
        ("涉及/男", "own_spelling"),
        ("涉及/女", None),
    ]
    assert len(rows_of(reading)) == 1
    assert classes(reading)["ignored_own_spelling"] == 1
    assert is_explained(reading)


def test_ignoring_a_word_leaves_what_its_merged_header_means(tmp_path: Path) -> None:
    rows = [
        ["2015年调解台账"],
        ["案号", "受理日期", "申请", ""],
        ["", "", "金额", "日期"],
        ["调1", "2015-01-01", "2", "x"],
    ]
    merges = ((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 4))
    reading = sheet(tmp_path, rows, spellings={"金额": "ignore"}, merges=merges)
    assert rows_of(reading)[0]["claimed_yuan"] == "2"


def test_of_two_kinds_the_one_that_knows_all_the_headers(tmp_path: Path) -> None:
    """A register of unions has all the columns of a union's statistics, and its own."""
    header = ["单位名称", "工会组织类型", "建会时间", "职工总数", "会员总数", "工会主席"]
    rows = [
        ["江津区基层工会组织情况登记表（2015年）"],
        header,
        ["甲厂", "单独建会", "2015年3月", "30", "20", "甲"],
    ]
    assert [t.record for t in read(csv_file(tmp_path / "a.csv", rows), kinds=records()).tables] == [
        "union_organisation"
    ]


def test_what_nothing_names_gives_way_to_a_kind_that_the_file_is_called_by(tmp_path: Path) -> None:
    """Both kinds know the three headers; a case of legal aid would also need to say how it was given."""
    rows = [["案号", "受理日期", "结案日期"], ["1号", "2015-03-02", "2015-04-01"]]
    for name, kind in (("2015年法律援助台账", "legal_aid"), ("2015年台账", "mediation")):
        reading = read(csv_file(tmp_path / f"{name}.csv", rows), kinds=records())
        assert [t.record for t in reading.tables] == [kind]


def test_a_part_below_its_whole_is_part_of_that(tmp_path: Path) -> None:
    rows = [
        ["2015年工会统计"],
        ["单位名称", "职工人数", "", "会员人数", ""],
        ["", "合计", "#农民工", "合计", "#农民工"],
        ["永川区", "30", "20", "10", "5"],
    ]
    merges = ((2, 1, 3, 1), (2, 2, 2, 3), (2, 4, 2, 5))
    (row,) = rows_of(sheet(tmp_path, rows, kinds=records(), merges=merges))
    assert (row["migrant_staff_people"], row["migrant_members_people"]) == ("20", "5")


@pytest.mark.parametrize(
    ("cells", "is_serial"),
    [
        (["1", "2"], True),
        (["(一)", "(二)"], True),
        (["", ""], True),
        (["津调2015-001", "津调2015-002"], False),
    ],
)
def test_a_serial_number_counts(tmp_path: Path, cells: list[str], is_serial: bool) -> None:
    """编号 over numbers of cases is a column that somebody must name, and no serial number."""
    rows = [
        ["2015年调解台账"],
        ["编号", "受理日期", "用人单位"],
        *([cell, "2015-01-01", "甲"] for cell in cells),
    ]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    (column, *_) = reading.tables[0].columns
    assert column.ignored_by == ("serial" if is_serial else None)
    assert column.candidates[:1] == (() if is_serial else ("case_no",))
    assert len(rows_of(reading)) == 2
    assert is_explained(reading)


@pytest.mark.parametrize(
    ("whole", "column"), [("会员人数", "migrant_members_people"), ("职工人数", "migrant_staff_people")]
)
def test_among_them_means_of_the_column_before(tmp_path: Path, whole: str, column: str) -> None:
    rows = [["2015年基层工会台账"], ["工会名称", "工会类型", whole, "其中农民工"], ["甲", "单独", "30", "20"]]
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    assert reading.tables[0].columns[-1].column == column


def test_a_header_in_words_that_say_the_same_is_taken_and_said(tmp_path: Path) -> None:
    rows = [
        ["2015年调解台账"],
        ["案号", "受理日", "用人企业（盖章的）", "人数（女）"],
        ["调1", "2015-01-01", "甲厂", "2"],
    ]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    [row] = rows_of(reading)
    assert (row["accepted_on"], row["employer"]) == ("2015-01-01", "甲厂")
    columns = {m.header: (m.column, m.evidence) for m in reading.tables[0].columns}
    assert columns["受理日"] == ("accepted_on", "same")
    assert columns["人数（女）"] == (None, "")  # in brackets may stand a part of a number
    said = [(p.header, p.hint) for p in reading.tables[0].problems if p.code == "header_taken"]
    assert said == [("受理日", "受理日期"), ("用人企业（盖章的）", "用人单位")]


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (["案号", "受理日期", "用人企业"], ["调1", "2015-01-01", "12"]),  # a number is no employer
        (["案号", "受理日期", "涉及人员数"], ["调1", "2015-01-01", "赵甲"]),
        (
            ["案号", "受理日期", "用人企业", "用工单位"],
            ["调1", "2015-01-01", "甲厂", "乙厂"],
        ),  # which of both?
    ],
)
def test_words_that_say_the_same_decide_nothing_that_the_cells_leave_open(
    tmp_path: Path, headers: list[str], row: list[str]
) -> None:
    (table,) = read(csv_file(tmp_path / "a.csv", [["2015年调解台账"], headers, row])).tables
    assert [m.is_held for m in table.columns[2:]] == [True] * (len(headers) - 2)
    assert all(m.candidates[0] in ("employer", "people") for m in table.columns[2:])


def test_a_listed_spelling_goes_before_words_that_say_the_same(tmp_path: Path) -> None:
    rows = [["2015年调解台账"], ["案号", "受理日", "受理时间"], ["调1", "2015-01-01", "2015-02-02"]]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert rows_of(reading)[0]["accepted_on"] == "2015-02-02"
    assert reading.tables[0].columns[1].is_held


def test_a_word_that_many_kinds_have_names_a_column_of_a_kind_that_is_known_and_recognises_none(
    tmp_path: Path,
) -> None:
    """何时, 人数 and 项目 say what they say once a title, or other headers, say what the table is."""
    header, row = ["序号", "何时", "听课(人)", "名称"], ["1", "2015-03-20", "83", "工会主席任职班"]
    said = read(csv_file(tmp_path / "2015年.csv", [["干部培训班情况"], header, row]), kinds=records())
    (table,) = said.tables
    assert table.record == "training_held"
    assert [(m.column, m.evidence) for m in table.columns[1:]] == [
        ("held", "also"),
        ("trainee_times", "also"),
        ("class_name", "also"),
    ]
    assert not [p for p in table.problems if p.code == "header_taken"]
    unsaid = read(csv_file(tmp_path / "2015年上报.csv", [["情况"], header, row]), kinds=records())
    assert unsaid.tables == []


def test_a_number_s_header_over_words_is_held(tmp_path: Path) -> None:
    """审计对象 may be how many are audited or who: the column is held, no row is refused."""
    rows = [
        ["2015年调解台账"],
        ["案号", "受理日期", "涉及人数"],
        *([f"调{i}", "2015-01-01", f"赵{i}甲"] for i in range(4)),
    ]
    reading = read(csv_file(tmp_path / "a.csv", rows))
    assert len(rows_of(reading)) == 4
    (table,) = reading.tables
    assert table.columns[2].is_held and table.columns[2].candidates[0] == "people"
    said = [(p.code, p.severity, p.header, p.hint) for p in table.problems]
    assert said == [("header_misfit", "warning", "涉及人数", "涉及人数")]


def test_figures_of_each_town_are_no_list_of_unions(tmp_path: Path) -> None:
    rows = [
        ["荣昌区工会家底（截至2015年9月30日）"],
        ["辖区", "建会单位数", "辐射单位", "员工总数", "女员工", "在册会员"],
        ["昌元街道", "12", "30", "900", "300", "800"],
        ["昌州街道", "10", "20", "700", "200", "600"],
    ]
    (table,) = read(csv_file(tmp_path / "a.csv", rows), kinds=records()).tables
    assert table.record == "union_statistics"
