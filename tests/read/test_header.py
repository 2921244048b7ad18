"""Headers match exactly after normalising, units are taken off and kept, near matches are refused."""

from pathlib import Path

import pytest

from flows.contract.catalogue import records
from flows.contract.record import ColumnType
from flows.contract.text import header_key
from flows.read.tables.columns.candidates import NEAR, likeness
from flows.read.tables.columns.measures import as_unit, column_unit, split_unit
from flows.read.tables.headers import headers_of, map_columns
from tests.read.forms import AID, CASE, KINDS, csv_file, read

HEADERS = headers_of(KINDS, {})


@pytest.mark.parametrize(
    "text",
    [
        "案号",
        " 案 号 ",
        "案\n号",
        "案\u3000号",
        "*案号",
        "案号*",
        "案号＊",
        "﹡案号",
        "案号（必填）",
        "案号：",
    ],
)
def test_normalised_forms_are_one_header(text: str) -> None:
    assert HEADERS.cell(text).columns["case"] == "case_no"


@pytest.mark.parametrize("text", ["案", "案件号", "受理", "申请金额合计", "金额"])
def test_near_match_is_none(text: str) -> None:
    assert HEADERS.cell(text).columns == {}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("申请金额（万元）", "万元"),
        ("申请金额(元)", "元"),
        ("申请金额[人民币万元]", "万元"),
        ("申请金额(单位：万元)", "万元"),
        ("申请金额:万元", "万元"),
        ("申请金额/万元", "万元"),
        ("申请金额，万元", "万元"),
        ("申请金额", None),
        ("申请金额(万元)(必填)", "万元"),
    ],
)
def test_unit_of_header(text: str, unit: str | None) -> None:
    match = HEADERS.cell(text).match("case")
    assert match and (match.columns["case"], match.unit) == ("claimed_yuan", unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("万元", "万元"), ("人民币万元", "万元"), ("㎡", "m2"), ("％", "%"), ("永川区总工会", None), ("", None)],
)
def test_as_unit(text: str, unit: str | None) -> None:
    assert as_unit(text) == unit


def test_a_bracket_that_is_no_unit_stays() -> None:
    assert split_unit(header_key("金额(含实物)")) == ("金额(含实物)", None)


def test_unit_note_speaks_to_columns_of_its_kind() -> None:
    notes = ["万元", "人"]
    assert column_unit(ColumnType.MONEY, None, notes) == "万元"
    assert column_unit(ColumnType.COUNT, None, notes) == "人"
    assert column_unit(ColumnType.TEXT, None, notes) is None
    assert column_unit(ColumnType.PCT, None, notes) is None


def test_units_that_disagree_are_a_conflict() -> None:
    assert column_unit(ColumnType.MONEY, "元", ["万元"]) == "conflict"
    assert column_unit(ColumnType.MONEY, None, ["元", "万元"]) == "conflict"
    assert column_unit(ColumnType.COUNT, "万人", ["人"]) == "conflict"
    assert column_unit(ColumnType.MONEY, "万元", ["万元", "万人"]) == "万元"
    assert column_unit(ColumnType.COUNT, None, ["个", "人"], contract="人") == "人"


def test_serial_column_is_read_past_but_a_contract_comes_first() -> None:
    assert HEADERS.cell("序 号").ignored_by() == "serial"
    assert HEADERS.cell("用人单位").ignored_by() is None
    mapped = map_columns(HEADERS, CASE, HEADERS.cells(["序号", "案号", ""]), [])
    assert [(m.position, m.column, m.ignored_by) for m in mapped] == [
        (1, None, "serial"),
        (2, "case_no", None),
    ]


def test_a_clerks_own_columns_are_read_past_by_the_rule_that_names_them() -> None:
    mapped = map_columns(
        HEADERS, CASE, HEADERS.cells(["案号", "填表人", "联 系 电 话", "附件", "经办金额"]), []
    )
    assert [(m.column, m.ignored_by) for m in mapped] == [
        ("case_no", None),
        (None, "person"),
        (None, "contact"),
        (None, "office"),
        (None, None),
    ]


def test_parent_decides_what_a_general_word_means() -> None:
    assert HEADERS.cell("金额", "申请").columns["case"] == "claimed_yuan"
    assert HEADERS.cell("其中：女职工").columns["statistics"] == "women_people"
    assert HEADERS.cell("女职工", "其中").columns["statistics"] == "women_people"


def test_own_spellings_of_a_unit() -> None:
    own = headers_of(KINDS, {"调解书编码": "case.case_no", "我区编码": "ignore", "单位名": "employer"})
    assert own.cell("调解书编码").columns == {"case": "case_no"}
    assert own.cell("我区编码").ignored_by() == "own_spelling"
    assert own.cell("单位名").columns == {"case": "employer", "aid": "employer"}
    assert HEADERS.cell("调解书编码").columns == {}


def test_a_unit_may_give_a_header_another_meaning_in_each_record() -> None:
    own = headers_of(KINDS, {"案 号": "case.ignore aid.employer"})
    assert [(m.column, m.ignored_by) for m in map_columns(own, CASE, own.cells(["案号"]), [])] == [
        (None, "own_spelling")
    ]
    assert [(m.column, m.evidence) for m in map_columns(own, AID, own.cells(["案号"]), [])] == [
        ("employer", "own")
    ]
    assert HEADERS.cell("案号").columns == {"case": "case_no", "aid": "aid_no"}


def test_every_column_says_how_it_was_recognised() -> None:
    own = headers_of(KINDS, {"立案日": "case.accepted_on"})
    cells = ["*案 号", "立案日", "申请金额（万元）", "人数", "序号", "不认识"]
    mapped = map_columns(own, CASE, own.cells(cells, ["", "", "", "涉及", "", ""]), [])
    assert [(m.column, m.evidence, m.unit) for m in mapped] == [
        ("case_no", "exact", None),
        ("accepted_on", "own", None),
        ("claimed_yuan", "exact", "万元"),
        ("people", "parent", None),
        (None, "", None),
        (None, "", None),
    ]
    synonyms = map_columns(
        HEADERS, CASE, HEADERS.cells(["调解号", "受理时间(必填)", ""], ["", "", "用人单位"]), []
    )
    assert [m.evidence for m in synonyms] == ["synonym", "synonym", "exact"]


def test_a_unit_within_a_listed_spelling_counts_like_any_other() -> None:
    paid = CASE.columns["paid_yuan"].model_copy(update={"header": ("兑现金额", "兑现(元)")})
    record = CASE.model_copy(update={"columns": CASE.columns | {"paid_yuan": paid}})
    known = headers_of({"case": record}, {})
    assert [m.unit for m in map_columns(known, record, known.cells(["兑现（元）"]), ["万元"])] == ["conflict"]
    assert [m.unit for m in map_columns(known, record, known.cells(["兑现（元）"]), [])] == ["元"]


def test_a_label_is_a_spelling_even_if_no_header_lists_it() -> None:
    plain = AID.model_copy(
        update={
            "columns": AID.columns
            | {"employer": AID.columns["employer"].model_copy(update={"label": "被诉单位"})}
        }
    )
    known = headers_of({"aid": plain}, {})
    (mapped,) = map_columns(known, plain, known.cells(["被诉单位"]), [])
    assert (mapped.column, mapped.evidence) == ("employer", "exact")


def test_who_filled_in_a_form_is_a_footer_and_never_a_header() -> None:
    """Three words that are all headers would begin another table: 填报人： 审核人： 填报日期："""
    known = headers_of(records(), {})
    for text in ("填报人：", "填表人：", "制表人：", "报送人：", "经手人："):
        assert not known.cell(text).matches, text


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("受理日期间", ["受理日期"]),
        ("涉及人数量(人)", ["涉及人数"]),
        ("合计/兑现金额数", ["兑现金额"]),
        ("申请兑现金额", ["申请金额", "兑现金额"]),  # as near to one as to the other
        ("经办部门", []),
        ("号", []),
        ("", []),
    ],
)
def test_what_an_unknown_header_is_spelled_like(header: str, labels: list[str]) -> None:
    assert [c.label for c in CASE.read_columns if likeness(header, c) >= NEAR] == labels


@pytest.mark.parametrize(
    ("rows", "column", "label"),
    [
        ([["案号", "受理日期", "兑现之金额"], ["1", "2015-03-01", "5"]], "C", "兑现金额"),
        (
            [["指标：会员人数"], ["地区", "2014年", "2015年", "女职工数"], ["甲区", "1", "2", "3"]],
            "D",
            "女职工",
        ),
    ],
)
def test_an_unknown_header_is_said_with_what_it_may_mean(
    tmp_path: Path, rows: list[list[str]], column: str, label: str
) -> None:
    reading = read(csv_file(tmp_path / "2015年调解统计.csv", rows))
    table = reading.tables[0]
    assert not table.held
    (said,) = table.problems
    assert (said.code, said.column_name, said.hint.split("、")[0]) == ("header_unknown", column, label)


def test_the_cut_off_names_the_right_column_far_more_often_than_another() -> None:
    """Each spelling of the contracts is taken away once and asked for; then labels of other kinds are."""
    right = said = foreign = asked = 0
    for record in list(records().values())[::4]:
        for column in record.read_columns:
            for spelling in column.header:
                left = tuple(h for h in column.header if header_key(h) != header_key(spelling)) or (
                    column.label,
                )
                if header_key(spelling) in map(header_key, (column.label, *left)):
                    continue
                without = record.columns | {column.name: column.model_copy(update={"header": left})}
                left_over = record.model_copy(update={"columns": without}).read_columns
                best = max(left_over, key=lambda c: likeness(spelling, c))
                is_said = likeness(spelling, best) >= NEAR
                said += is_said
                right += is_said and best.name == column.name
    for record in list(records().values())[::4]:
        known = headers_of({record.record: record}, {})
        for other in list(records().values())[1::4]:
            labels = [c.label for c in other.read_columns if not known.cell(c.label).columns]
            asked += len(labels)
            foreign += sum(any(likeness(label, c) >= NEAR for c in record.read_columns) for label in labels)
    assert said > 100
    assert right / said > 0.8
    assert foreign / asked < 0.03


def test_contracts_given_anew_are_indexed_anew() -> None:
    assert headers_of({"aid": AID}, {}).cell("调解号").columns == {}


def test_what_another_record_spells_does_not_hide_what_this_one_does() -> None:
    """`其中:农民工` is a spelling of one contract; in another it is 农民工 with a word before it."""
    known = headers_of(records(), {})
    cells = known.cells(["其中:农民工", "农民工"])
    part, whole = map_columns(known, records()["wage_recovery"], cells, ())
    assert part.column == whole.column


def test_a_pair_whose_upper_half_says_part_of_is_seen_as_a_pair() -> None:
    known = headers_of(records(), {})
    pair = known.cell("人数", "其中：职工")
    assert pair.columns.items() >= known.cell("职工人数").columns.items()
