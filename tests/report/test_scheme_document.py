"""The printed scheme says everything that is computed, and nothing of the machine it was printed on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.base import app
from flows.contract.catalogue import ROOT, ContractError
from flows.report.printed.scheme_document import document
from flows.score.explain.format import number, percent
from flows.score.explain.frame import Frame
from flows.score.scheme.scheme_loader import Target, load_folder
from flows.score.scheme.scheme_model import Item

FOLDER = ROOT / "tests" / "case" / "printed"
YEAR = load_folder(FOLDER)
PAGE = document(YEAR)


def text(page: str) -> str:
    """What a reader sees of a page: no style, no tags."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "|", body))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the scheme to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "scheme"))


def edited(folder: Path, name: str, old: str, new: str) -> str:
    """The page of the scheme with one change."""
    path = folder / name
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")
    return document(load_folder(folder))


@pytest.mark.parametrize("item", YEAR.scheme.leaves, ids=lambda i: i.id)
def test_every_item_stands_there_with_its_rule_points_department_and_evidence(item: Item) -> None:
    items = PAGE.partition("附件1")[0]
    row = next(r for r in items.split("<tr>") if f"<td>{item.label}</td>" in r)
    shown = text(row)
    assert f"|{number(item.full)}|" in shown
    for words in (
        f"{item.rule.describe(Frame(YEAR, item))}。",
        item.department,
        item.evidence,
        item.standard,
    ):
        assert words in shown
    assert text(items).count(f"|{item.label}|") == 1


def written(data: Any) -> Iterator[Decimal]:
    """Every number somewhere in what was written of a rule."""
    if isinstance(data, Decimal):
        yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ():
        yield from written(inner)


@pytest.mark.parametrize("item", YEAR.scheme.leaves, ids=lambda i: i.id)
def test_every_number_of_a_rule_is_printed(item: Item) -> None:
    assert item.rule is not None
    told = item.rule.describe(Frame(YEAR, item))
    for value in written(item.rule.model_dump(by_alias=True, exclude_unset=True)):
        forms = {number(abs(value)), percent(abs(value)), f"{number(abs(value * 100))}个百分点"}
        is_nothing = value == 0 and ("不得分" in told or "扣完为止" in told)
        is_first = value == 1 and ("首名" in told or "100%" in told)
        assert (
            is_nothing
            or is_first
            or any(re.search(rf"(?<![\d.]){re.escape(f)}(?![\d])", told) for f in forms)
        ), value


@pytest.mark.parametrize("target", YEAR.targets, ids=lambda t: f"{t.unit}-{t.indicator}-{t.effective_on}")
def test_every_target_is_printed(target: Target) -> None:
    """Those in force in the matrix, the one that was replaced below it."""
    cells = text(PAGE.partition("附件1")[2])
    assert number(target.target) in cells or f"{number(target.target * 100)}%" in cells
    assert target.document_no in cells


def test_a_target_changed_within_the_year_is_seen_as_changed() -> None:
    cells = [c for c in text(PAGE.partition("目标调整")[2]).split("|") if c.strip()]
    at = cells.index("永川区")
    assert cells[at : at + 6] == [
        "永川区",
        "成功调解劳动争议案件",
        "300件",
        "样例〔2015〕1号，2015年1月20日起",
        "330件",
        "样例〔2015〕19号，2015年7月1日起",
    ]


def test_units_stand_in_their_groups_by_the_names_of_that_year() -> None:
    page = text(PAGE)
    assert (
        "渝西片区（10个）：永川区、合川区、江津区、南川区、綦江区、大足区、璧山区、铜梁区、荣昌县、潼南县。"
        in page
    )
    assert "渝东片区（6个）：" in page


CLAUSES = [
    "本办法为样例，指标、分值和目标均为虚构。",
    "数据至2016年2月28日止；",
    "各项目满分合计100分，",
    "未下达目标的，该项计0分。",
    "加分在基础分之外另计，由各单位逐事项申报，经核定后计入，各类合计最高加8分。",
    "表彰加分（表彰加分、排名加分）：每个事项最高加国家级4分、市级2分；本类最高加5分。",
    "加分事项限于2014年至2015年的工作，以前年度已经加分的不再加分。",
    "报表质量：涉及“报表报送”、“发展会员”的通报，按通报分值扣除，本类最多扣3分。",
    "扣分按单位规模乘以系数：工会会员200,000人以上（不含）系数0.8，200,000人及以下系数1。",
    "数据造假：发生“弄虚作假”的，取消当年评奖资格，得分和名次保留，并“成功调解劳动争议”、“发展会员”不计分，并追回此前2年所获等次。",
    "经费上解必备：工会经费上解率低于100%（没有数据的视为符合）的，等次最高为“二等奖”。",
    "建会靠后：工会组织在本组居后2名的，等次降低一等。",
    "对否决事项提出申诉的，裁定前暂缓执行。",
    "第5步，执行必备条件和一票否决；第6步，总分四舍五入，保留2位小数；第7步，按总分排定名次；第8步，评定等次。",
    "名次按取整后的总分排定。",
    "总分相同的，依次按下列各项排列：基础分高者在前；“维权维稳”得分高者在前；上年总名次靠前者在前；由会议研究决定并记录。仍相同的，名次并列，其后名次相应空出。",
    "特等奖：1个，且总分不低于90分。",
    "一等奖：本组单位数的30%（四舍五入，至少1个），且总分不低于80分。",
    "鼓励奖：其余单位。",
    "被否决或不符合条件的单位，其名额由后一名递补。",
    "末位名次并列的，由会议研究决定并记录。",
]


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_setting_is_a_clause(clause: str) -> None:
    assert clause in text(PAGE)


CHANGES: list[tuple[str, str, str, str]] = [
    ("scheme.yml", "least: 0.6", "least: 0.65", "低于65%的不得分"),
    ("scheme.yml", "[0.70, 4]", "[0.72, 4]", "72%（含）至80%（不含）得4分"),
    ("scheme.yml", "cap: 8\n", "cap: 9\n", "各类合计最高加9分"),
    ("scheme.yml", "gates, round, rank", "gates, rank, round", "名次按取整前的总分排定"),
    ("scheme.yml", "total: 2", "total: 2, items: 1", "每项得分四舍五入、保留1位小数"),
    ("scheme.yml", "barred: passes_on", "barred: keeps_place", "其名额不递补"),
    ("scheme.yml", "edge_tie: decide", "edge_tie: drop", "末位名次并列的，均不评入该等次。"),
    ("scheme.yml", "ties: shared", "ties: dense", "其后名次不空出"),
    ("scheme.yml", "not_reported: zero", "not_reported: {fixed: 0.5}", "未报送的，该项计0.5分。"),
    ("scheme.yml", "count: 1", "count: 2", "特等奖：2个"),
    ("scheme.yml", "lower_one", "zero_score", "总分计0分"),
    ("scheme.yml", "appealed_veto: suspended", "appealed_veto: applies", "裁定前照常执行"),
    (
        "scheme.yml",
        "closing_on: 2016-02-28\n",
        "closing_on: 2016-02-28\nobjections: {until: 2016-07-08, to: 考核委员会}\n",
        "可在2016年7月8日前（含当日）书面向考核委员会提出",
    ),
    ("scheme.yml", "upto: 200000, points: 0.9", "upto: 200000, points: 0.95", "200,000人及以下系数0.95"),
    (
        "scheme.yml",
        "  cap: 8\n",
        "  cap: 8\n  highest_only: false\n  work_years_back: 0\n",
        "加分事项限于2015年的工作",
    ),
    ("scheme.yml", "not_applicable: group_mean", "no_target: full", "未下达目标的，该项计满分。"),
    ("target.csv", "yongchuan,libraries_built,4", "yongchuan,libraries_built,37", "|37|"),
    ("group.csv", "yongchuan,west", "yongchuan,core", "主城片区（10个）"),
]


@pytest.mark.parametrize(("name", "old", "new", "expected"), CHANGES)
def test_what_is_changed_in_the_folder_changes_on_the_page(
    folder: Path, name: str, old: str, new: str, expected: str
) -> None:
    assert expected not in text(PAGE)
    assert expected in text(edited(folder, name, old, new))


def test_the_page_is_self_contained_and_has_no_day_of_printing(folder: Path) -> None:
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", PAGE)
    assert document(load_folder(folder)) == PAGE
    assert set(re.findall(r"20\d\d年\d+月\d+日", text(PAGE))) == {
        "2015年1月1日",
        "2016年2月28日",
        "2015年1月20日",
        "2015年7月1日",
    }


def test_a_reader_sees_neither_ids_nor_english() -> None:
    assert re.findall(r"[A-Za-z_]{2,}", text(PAGE)) == []
    assert re.findall(r"[，。；：、]{2,}|（）|None", text(PAGE)) == []


def test_words_of_the_folder_are_no_markup(folder: Path) -> None:
    page = edited(
        folder, "scheme.yml", "label: 2015年区县总工会综合目标考核办法", "label: <b>办法</b> & 细则"
    )
    assert "<h1>&lt;b&gt;办法&lt;/b&gt; &amp; 细则</h1>" in page


def test_no_bonus_no_chapter(folder: Path) -> None:
    scheme = folder / "scheme.yml"
    kept, _, rest = scheme.read_text(encoding="utf-8").partition("bonus:\n")
    rest = "gates:" + rest.partition("gates:")[2]
    scheme.write_text((kept + rest).replace("bonus, deductions, ", ""), encoding="utf-8")
    page = text(document(load_folder(folder)))
    assert "五、必备条件与一票否决" in page
    assert "|五、加分|" not in page


def test_what_the_bonus_does_not_ask_for_is_not_printed(folder: Path) -> None:
    asked = {"没有文件依据的，不予加分。", "同一事项获多个级别的，只按最高级别加分一次。"}
    assert all(words in text(PAGE) for words in asked)
    free = "  cap: 8\n  needs_document: false\n  highest_only: false\n"
    page = text(edited(folder, "scheme.yml", "  cap: 8\n", free))
    assert not any(words in page for words in asked)


def test_a_year_without_targets_says_so(folder: Path) -> None:
    (folder / "target.csv").write_text("unit,indicator,target,document_no,effective_on\n", encoding="utf-8")
    assert "本年度未下达目标任务。" in text(document(load_folder(folder)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("indicator: film_shows", "indicator: film_show", "there is no indicator film_show"),
        ("{year}H2", "{year}H3", "no period 2015H3"),
        (
            "national: 3, municipal: 2, district: 0.5",
            "national: 3, city: 2",
            "worker_pioneers has no category city",
        ),
        ("scores: leader", "scores: boss", "there is no code boss"),
    ],
)
def test_what_nobody_knows_is_refused_not_printed(folder: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        edited(folder, "scheme.yml", old, new)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    out = tmp_path / "考核办法.html"
    ran = CliRunner().invoke(app, ["scheme", str(FOLDER), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert out.read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize(("argument", "code"), [("1999", 1), ("nowhere", 2)])
def test_what_is_no_scheme_is_said_in_one_line(argument: str, code: int) -> None:
    ran = CliRunner().invoke(app, ["scheme", argument])
    assert ran.exit_code == code
    assert "Traceback" not in ran.output
