"""Target letters from files: what is typed, what is refused, and at which cell."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.assess.target_letters import Letters, read_letters
from flows.contract.catalogue import ROOT
from flows.report import target_text
from flows.sample.sheets import write_workbook

HEADER = ["责任单位", "考核年度", "考核指标", "目标值", "计量单位", "依据文号", "生效日期"]
TAIL = ["样例〔2015〕9号", "2015-01-20"]
ASSESSED = frozenset({"yongchuan", "wanzhou"})


def letters(folder: Path, *rows: list[str], unit: str | None = None, header: list[str] = HEADER) -> Letters:
    path = folder / "任务书.csv"
    lines = [["2015年度目标任务书"], header, *rows]
    path.write_text("\n".join(",".join(cells) for cells in lines) + "\n", encoding="utf-8")
    return read_letters([path], 2015, ASSESSED, unit)


def row(
    indicator: str, target: str, measure: str = "", unit: str = "永川区", year: str = "2015"
) -> list[str]:
    return [unit, year, indicator, target, measure, *TAIL]


#: Indicator, target and unit of measure as written; the target as it counts.
TYPED = [
    ("成功调解劳动争议案件", "350", "", "350"),
    ("mediation_succeeded", "350件", "件", "350"),
    ("劳动争议调解成功率", "92%", "", "0.92"),
    ("劳动争议调解成功率", "92", "%", "0.92"),
    ("劳动争议调解成功率", "92%", "%", "0.92"),
    ("劳动争议调解成功率", "0.92", "", "0.92"),
    ("劳动争议调解成功率", "0.92", "比率", "0.92"),
    ("劳动争议调解成功率", "百分之九十二", "", "0.92"),
    ("工会经费上解率", "104％", "", "1.04"),
    ("发放慰问金", "3.6", "万元", "36000"),
    ("发放慰问金", "3.6万元", "", "36000"),
    ("competition_participant_times", "1.2", "万人次", "12000"),
]


def test_a_target_is_typed_in_the_unit_of_its_indicator(tmp_path: Path) -> None:
    """All in one letter: reading one costs a database."""
    found = letters(tmp_path, *(row(*written) for *written, _ in TYPED))
    assert found.errors == ()
    signed = [format(s.target.normalize(), "f") for s in found.signed]
    assert list(zip(TYPED, signed, strict=True)) == [(case, case[-1]) for case in TYPED]


#: Cells of a row, the column that is wrong, and words of what is said about it.
REFUSED = [
    (row("劳动争议调解成功率", "92"), "D", "92% or 0.92"),
    (row("劳动争议调解成功率", "0.92", "%"), "D", "目标值无法换算"),
    (row("劳动争议调解成功率", "92.345%"), "D", "目标值无法换算"),
    (row("成功调解劳动争议案件", "92%"), "D", "whole number"),
    (row("成功调解劳动争议案件", "完成上级任务"), "D", "目标值无法换算"),
    (row("调解满意度", "9"), "C", ""),
    (row("成功调解劳动争议案件", "9", unit="永川县总"), "A", ""),
    (row("成功调解劳动争议案件", "9", unit="涪陵区"), "A", "group.csv"),
    ([*row("成功调解劳动争议案件", "9", year="2014")[:6], "2014-01-20"], "B", "2014"),
    ([*row("成功调解劳动争议案件", "9")[:5], "", "2015-01-20"], "F", ""),
]


def test_what_cannot_be_a_target_is_refused_at_its_cell(tmp_path: Path) -> None:
    found = letters(tmp_path, row("实施法律援助案件", "9"), *(cells for cells, _, _ in REFUSED))
    assert [s.indicator for s in found.signed] == ["legal_aid_cases"]
    left = list(found.errors)
    for at, (_, column, words) in enumerate(REFUSED, 4):
        mine = [e for e in left if re.match(rf"任务书\.csv › [A-Z]+{at}\b", e)]
        assert mine and all(f"› {column}{at}:" in e for e in mine), at
        assert any(words in e for e in mine), at
        left = [e for e in left if e not in mine]
    assert left == []


def test_a_unit_speaks_of_itself_only(tmp_path: Path) -> None:
    sound = row("成功调解劳动争议案件", "9")
    found = letters(tmp_path, sound, row("成功调解劳动争议案件", "9", unit="万州区"), unit="yongchuan")
    assert [s.unit for s in found.signed] == ["yongchuan"]
    assert len(found.errors) == 1 and "A4" in found.errors[0]


def test_a_file_that_holds_something_else_or_an_unknown_header_says_so(tmp_path: Path) -> None:
    found = letters(tmp_path, [*row("成功调解劳动争议案件", "9"), "甲"], header=[*HEADER, "完成把握"])
    assert found.signed == () and "任务书.csv" in found.errors[0]
    junk = tmp_path / "空.csv"
    junk.write_text("说明\n没有表格\n", encoding="utf-8")
    assert read_letters([junk], 2015, ASSESSED).errors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A year of two units and one written target."""
    year = tmp_path / "data" / "scheme" / "2015"
    year.mkdir(parents=True)
    lines = [
        "unit,indicator,target,document_no,effective_on",
        "yongchuan,mediation_succeeded,330,样例〔2015〕1号,2015-01-20",
    ]
    (year / "target.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (year / "group.csv").write_text("unit,group_id\nyongchuan,d\nwanzhou,d\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, rows: list[list[str]], write: bool = True) -> tuple[int, dict[str, object]]:
    path = folder / "任务书.xlsx"
    write_workbook(path, [("任务", [["2015年度目标任务书"], list(HEADER), *[list(r) for r in rows]])])
    said: list[str] = []
    wrong = target_text.report([path], 2015, None, write, True, said.append, said.append, folder)
    return wrong, json.loads(said[0])


def test_letters_are_written_once_and_rates_as_fractions(folder: Path) -> None:
    rows = [row("mediation_success_rate", "92%"), row("mediation_succeeded", "330")]
    wrong, found = run(folder, rows)
    assert wrong == 0 and found["written"] == 1
    target = folder / "data" / "scheme" / "2015" / "target.csv"
    assert (
        target.read_text(encoding="utf-8").splitlines()[-1]
        == "yongchuan,mediation_success_rate,0.92,样例〔2015〕9号,2015-01-20"
    )
    assert run(folder, rows)[1]["written"] == 0


def test_one_contradiction_and_nothing_is_written(folder: Path) -> None:
    target = folder / "data" / "scheme" / "2015" / "target.csv"
    before = target.read_bytes()
    wrong, found = run(folder, [row("legal_aid_cases", "5"), row("mediation_succeeded", "331")])
    assert wrong == 1 and found["written"] == 0
    assert "任务书.xlsx › 任务 › D4" in str(found["errors"]) and "target.csv:2" in str(found["errors"])
    assert target.read_bytes() == before


def test_the_command_ends_with_its_codes(tmp_path: Path) -> None:
    path = tmp_path / "任务书.csv"
    lines = (ROOT / "data" / "scheme" / "2015" / "target.csv").read_text(encoding="utf-8").splitlines()
    unit, indicator, target, document, day = lines[1].split(",")
    content = [
        "2015年度目标任务书",
        ",".join(HEADER),
        ",".join([unit, "2015", indicator, target, "", document, day]),
    ]
    path.write_text("\n".join(content), encoding="utf-8")
    call = CliRunner().invoke
    assert call(cli.app, ["targets", str(path), "--year", "2015"]).exit_code == 0
    path.write_text(path.read_text(encoding="utf-8").replace(f",{target},", ",99999,"), encoding="utf-8")
    assert call(cli.app, ["targets", str(path), "--year", "2015"]).exit_code == 1
    assert call(cli.app, ["targets", str(tmp_path / "none.xlsx"), "--year", "2015"]).exit_code == 2
