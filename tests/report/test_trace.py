"""A trace as people and programs get it: fits the terminal, says what failed first, shows nobody."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest
from rich.cells import cell_len
from rich.console import Console

from flows.audit.proof_model import (
    Difference,
    PublishedValue,
    RecordedDecision,
    RowSum,
    ScoreProof,
    ShownCell,
    SourceTable,
    UsedFigure,
    ValueProof,
)
from flows.audit.value_proof import ValueAsked, prove_value
from flows.contract.paths import Paths
from flows.report.trace.trace_report import CSV_HEADER, as_json, csv_sink, show
from flows.report.trace.trace_words import amount, span
from tests.support.inboxes import citizen

INDICATORS = (
    "mediation_succeeded",
    "mediation_paid_yuan",
    "members",
    "unionisation_rate",
    "students_aided",
    "needy_coverage",
    "arts_festivals",
    "special_grade_streak",
    "collective_contracts",
    "legal_aid_cases",
)

#: A trace is looked at as an office reads it.
pytestmark = pytest.mark.usefixtures("chinese")


@pytest.fixture(scope="module")
def proofs(filled: Paths) -> dict[str, ValueProof]:
    return {i: prove_value(filled, ValueAsked("yongchuan", i, "2015", with_passed=True)) for i in INDICATORS}


def shown(proof: ValueProof | ScoreProof, width: int = 80) -> str:
    out = io.StringIO()
    show(Console(file=out, width=width, highlight=False, force_terminal=True, color_system=None), proof)
    return out.getvalue()


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_tree_fits_80_columns_and_ends_with_the_verdict(
    proofs: dict[str, ValueProof], indicator: str
) -> None:
    lines = shown(proofs[indicator]).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert "已证明" in lines[-1]


def test_a_first_answer_is_one_screen_and_a_file_gets_all(proofs: dict[str, ValueProof]) -> None:
    first, file = io.StringIO(), io.StringIO()
    long = replace(proofs["members"], basis="口径" * 200)
    show(Console(file=first, width=80, force_terminal=True, color_system=None), long, is_full=False)
    assert len(first.getvalue().splitlines()) <= 23 and "--details" in first.getvalue()
    assert "已证明" in first.getvalue()
    show(Console(file=file, width=80, highlight=False), long, is_full=False)
    assert "口径" * 200 in file.getvalue() and "--details" not in file.getvalue()
    assert len(file.getvalue().splitlines()) > 23


@pytest.mark.parametrize("indicator", INDICATORS)
def test_nothing_shown_names_a_person(proofs: dict[str, ValueProof], indicator: str) -> None:
    text = shown(proofs[indicator]) + as_json(proofs[indicator])
    assert not any(citizen(n) in text for n in range(20))


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ("mediation_succeeded", "5 行相加 ＝ 5"),
        ("unionisation_rate", "分母相加 ＝ 3（两边共 3 行）"),
        ("members", "期末在用名册：会员实名制名册，2015-09-30 的，第5号报送"),
        ("members", "其中 1 行没有可用的证件号，各计一个"),
        ("students_aided", "3 行是 2 个不同对象，其中重复出现 1 行 ＝ 2"),
        ("needy_coverage", "应覆盖 2 人（2 行），其中已覆盖 1 人（2 行）"),
        ("arts_festivals", "2 行，届次：3，共 1 届"),
        ("special_grade_streak", "到最近已评定年度为止连续 4 年：2011、2012、2013、2014"),
        ("collective_contracts", "2015-12-31 在有效期内的 1 行"),
        ("legal_aid_cases", "应报的都报了而没有一行，所以是零"),
        ("mediation_succeeded", "1 行：同一事项在后收到的报表里另有一行，以后者为准"),
        ("mediation_succeeded", "整份报送已于2016-03-02撤回：误报"),
        ("students_aided", "学生身份证号（个人信息，不显示）"),
    ],
)
def test_what_a_tree_says(proofs: dict[str, ValueProof], indicator: str, said: str) -> None:
    assert said in shown(proofs[indicator], 300)


def test_what_is_not_proven_is_said_first_and_last(proofs: dict[str, ValueProof]) -> None:
    proof = replace(
        proofs["mediation_succeeded"],
        differences=[
            Difference("row_differs", "numerator 2", "numerator 1", 16001, 2),
            Difference("value_differs", "6", "5"),
        ],
    )
    lines = shown(proof, 200).splitlines()
    assert "未证明！" in lines[1] and "✗" in lines[-1]
    assert "✗ 第16号报送第2行：该行与发布时不一致：发布 numerator 2；原件 numerator 1" in lines[2]


def test_json_is_exact_and_marks_what_is_withheld(proofs: dict[str, ValueProof]) -> None:
    found = json.loads(as_json(proofs["unionisation_rate"]))
    assert (found["proven"], found["published"]["value"], found["tally"]["denominator"]) == (
        True,
        "0.666667",
        "3",
    )
    cells = json.loads(as_json(proofs["members"]))["lines"][0]["cells"]
    assert cells[0] == {"label": "身份证号", "value": None, "is_withheld": True}


def test_csv_has_every_address(filled: Paths) -> None:
    out = io.StringIO()
    prove_value(filled, ValueAsked("yongchuan", "students_aided", "2015", limit=0, sink=csv_sink(out)))
    header, *rows = csv.reader(io.StringIO(out.getvalue()))
    assert tuple(header) == CSV_HEADER
    assert [(row[1], row[4], row[11]) for row in rows] == [("9", "2", "1"), ("9", "3", "1"), ("9", "4", "2")]


@pytest.fixture(scope="module")
def score() -> ScoreProof:
    """Points of one item, made by hand: how they are proven is tested in tests/store."""
    proof = ValueProof(
        "yongchuan",
        "永川区总工会",
        "members",
        "工会会员",
        "人",
        "stock",
        "口径",
        "select 1",
        "2015",
        "2015年",
        date(2015, 1, 1),
        date(2015, 12, 31),
        None,
        published=PublishedValue("value", Fraction(5), Fraction(5), None, 5, 0, Fraction(5), Fraction(5)),
        tally=RowSum(numerator=Fraction(5), records=5),
        counted=5,
    )
    source = SourceTable(
        9001,
        9,
        "2015年核定数.csv",
        "",
        "chongqing",
        "verified_figure",
        "核定数",
        None,
        None,
        datetime(2016, 2, 1),
        "a" * 64,
        False,
        True,
    )
    cells = (ShownCell("核定数", "4"), ShownCell("评分人", None), ShownCell("备注", "空"))
    verified = RecordedDecision(
        "verified", 9001, 2, Fraction(4), Fraction(5), Fraction(4), "一人重复", "样例5号", source, cells
    )
    return ScoreProof(
        "yongchuan",
        "永川区总工会",
        2015,
        "考核办法（样例1号）",
        "members",
        "会员",
        ("组织",),
        Fraction(10),
        Fraction(8),
        Fraction(7),
        Fraction(9),
        "value",
        Fraction(5),
        "样例2号",
        Fraction(4),
        Fraction("0.8"),
        "目标5人，实绩4人，按完成率计分，得10×4/5＝8分（满分10分）。" * 2,
        figures=[UsedFigure("members", None, "2015", "value", Fraction(5), Fraction(4), proof, [verified])],
        again=Fraction(8),
    )


def test_points_lead_to_rule_figure_and_correction(score: ScoreProof) -> None:
    lines = shown(score).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert "组织 › 会员（members）" in lines[0] and "已证明" in lines[-1]
    text = shown(score, 300)
    assert "待定事项定下之后，在 7 至 9 分之间" in text and "目标  5（样例2号）" in text
    assert "按记录 5，计分采用 4" in text
    assert "核定 4：5 → 4  一人重复  样例5号" in text and "第9号报送  2015年核定数.csv  第2行" in text
    assert "核定数＝4，评分人（个人信息，不显示）" in text and "备注" not in text


def test_points_that_do_not_follow_are_said_first(score: ScoreProof) -> None:
    text = shown(replace(score, differences=[Difference("points_differ", "8", "7.5")]), 200).splitlines()
    assert "未证明！" in text[1] and "按考核办法重新计分，分数不一致：发布 8；原件 7.5" in text[-1]


def test_points_as_json(score: ScoreProof) -> None:
    found = json.loads(as_json(score))
    assert (found["proven"], found["points"], found["figures"][0]["proof"]["proven"]) == (True, "8", True)
    assert found["figures"][0]["corrections"][0]["cells"][1]["is_withheld"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (Fraction(0), "0"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction("0.666667"), "0.666667"),
        (Fraction(1, 3), "≈0.333333"),
        (Fraction(1200), "1200"),
    ],
)
def test_amounts(value: Fraction | None, text: str) -> None:
    assert amount(value) == text


def test_spans() -> None:
    assert span("2015-01-01", "2015-01-01") == "2015-01-01"
    assert span("2015-01-01", "9999-12-31") == "2015-01-01至…"


def test_a_file_name_cannot_speak_to_the_terminal(proofs: dict[str, ValueProof]) -> None:
    proof = proofs["mediation_succeeded"]
    odd = [replace(s, name="\x1b[31m[red]表.csv") for s in proof.sources]
    text = shown(replace(proof, sources=odd))
    assert "\x1b" not in text and "[red]表.csv" in text
