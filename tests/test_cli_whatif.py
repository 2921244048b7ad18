"""`headroom` and `rescore`: what they print for people and programs, exit codes, and what a wrong name is answered with."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from flows import cli
from flows.assess.scheme_gate import AdmittedScheme
from flows.score.engine.facts import Address, Correction, PointsRuling
from flows.warehouse import published_inputs as supposed
from tests.score.world import facts_of, year_of

ITEMS = [
    {
        "id": "mediation",
        "label": "调解",
        "points": 10,
        "indicator": "mediation_succeeded",
        "rule": {"linear": {}},
    },
    {
        "id": "paid",
        "label": "兑现金额",
        "points": 10,
        "indicator": "mediation_paid_yuan",
        "rule": {"linear": {}},
    },
    {
        "id": "homes",
        "label": "模范职工之家",
        "points": 4,
        "indicator": "model_homes",
        "rule": {"tally": {"points": {"national": 2, "municipal": 1}}},
    },
    {
        "id": "streak",
        "label": "连续获奖",
        "points": 2,
        "indicator": "special_grade_streak",
        "rule": {"bands": [[3, 2]]},
    },
]
UNITS = ("yongchuan", "dazu", "rongchang")
FIGURES = {
    "yongchuan": {
        "mediation_succeeded": 20,
        "mediation_paid_yuan": 30_000,
        "model_homes": 0,
        "special_grade_streak": 1,
    },
    "dazu": {
        "mediation_succeeded": 30,
        "mediation_paid_yuan": 45_000,
        "model_homes": 0,
        "special_grade_streak": 3,
    },
    "rongchang": {
        "mediation_succeeded": 1,
        "mediation_paid_yuan": 1,
        "model_homes": 0,
        "special_grade_streak": 1,
    },
}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of three units: 永川区 has 8 points of 26, 大足区 14."""
    targets = {u: {"mediation_succeeded": 50, "mediation_paid_yuan": 75_000} for u in UNITS}
    year = year_of(ITEMS, dict.fromkeys(UNITS, "district"), targets, total=26)
    at = Address(1001, 7)
    facts = facts_of(
        FIGURES,
        corrections=(
            Correction("appealed", "yongchuan", "mediation_succeeded", Fraction(40), None, "", "诉1号", at),
        ),
        points_rulings=(PointsRuling(False, "dazu", "模范职工之家", Fraction(3), None, "", "诉2号", at),),
    )
    monkeypatch.setattr(
        supposed, "known_scheme", lambda warehouse, year_, root=None: AdmittedScheme(year, "", ())
    )
    monkeypatch.setattr(supposed, "known_facts", lambda warehouse, year_, root=None: facts)
    monkeypatch.setattr("flows.score.lint.refuse", lambda year_: [])


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, [*arguments])


def asked(*arguments: str) -> dict[str, object]:
    done = call(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "asked",
    [("headroom", "永川区"), ("sensitivity", "--draws", "20"), ("rescore", "--set", "rounding.total=1")],
)
@pytest.mark.parametrize("is_edited", [False, True])
def test_a_folder_that_was_edited_since_is_said(
    asked: tuple[str, ...], is_edited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitted = supposed.known_scheme(Path(), 2015)
    monkeypatch.setattr(supposed, "known_scheme", lambda *a: replace(admitted, is_edited=is_edited))
    done = call(*asked, "--year", "2015")
    assert done.exit_code == 0, done.output
    assert ("was edited after the published results" in done.stderr) == is_edited
    assert "was edited" not in done.stdout


@pytest.mark.usefixtures("chinese")
def test_headroom_says_first_what_it_is_and_fits_eighty_columns() -> None:
    done = call("headroom", "永川区", "--year", "2015")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("yongchuan区2015年度：以下是可行的路径，不是建议；假定其他单位的数据都不变")
    assert max(map(cell_len, lines)) <= 80
    assert "特等奖" in done.stdout
    assert any(
        line.startswith("未列入：综合目标考核特等奖连续年数") or "连续年数由历年结果决定" in line
        for line in lines
    )


def test_headroom_for_programs() -> None:
    found = asked("headroom", "永川区", "--year", "2015", "--grade", "special")
    assert found["now"] == {"points": "8", "group_rank": 2, "overall_rank": 2, "grade": "first"}
    singles = found["singles"]
    assert isinstance(singles, list)
    assert [path["records"] for path in singles] == [2, 30]
    assert singles[1]["moves"] == [
        {
            "indicator": "mediation_succeeded",
            "category": None,
            "period": None,
            "records": 30,
            "per_record": "1",
            "is_part_of_target": False,
            "figure_before": "20",
            "figure_after": "50",
        }
    ]
    assert singles[1]["after"]["grade"] == "special"
    assert [refused["indicator"] for refused in found["not_offered"]] == ["special_grade_streak"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("chinese")
def test_a_unit_that_holds_the_grade_is_told_so() -> None:
    done = call("headroom", "大足区", "--year", "2015")
    assert done.exit_code == 0
    assert "已经达到这一等次" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("headroom", "永川镇", "--year", "2015"), "the name of no unit"),
        (("headroom", "江北区", "--year", "2015"), "is not assessed in 2015"),
        (("headroom", "永川区", "--year", "2015", "--grade", "gold"), "it has special, first"),
        (("rescore", "--year", "2015"), "nothing is changed"),
        (("rescore", "--year", "2015", "--set", "items.mediation.points"), "expected PATH=VALUE"),
        (("rescore", "--year", "2015", "--set", "items.mediatoin.points=3"), "items has mediation, paid"),
        (
            ("rescore", "--year", "2015", "--set", "target.永川镇.mediation_succeeded=3"),
            "the name of no unit",
        ),
        (("rescore", "--year", "2015", "--accept-appeal", "永川区"), "expected UNIT:ITEM"),
        (("rescore", "--year", "2015", "--accept-appeal", "永川区:paid"), "has no open appeal"),
        (("rescore", "--year", "2015", "--accept-appeal", "永川区:nothing"), "no item or indicator nothing"),
        (("rescore", "--year", "2015", "--accept-appeal", "永川区:paid.points=many"), "many is not a number"),
        (
            ("rescore", "--year", "2015", "--accept-appeal", "江北区:paid.points=1"),
            "no assessed unit jiangbei",
        ),
    ],
)
def test_a_wrong_name_is_answered_with_what_there_is(arguments: tuple[str, ...], says: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert says in " ".join(done.output.replace("│", " ").split())


def points(found: dict[str, object]) -> dict[str, tuple[str, str]]:
    return {u["unit"]: (u["before"]["total_points"], u["after"]["total_points"]) for u in found["units"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            ("--set", "items.mediation.points=20"),
            {"dazu": ("14", "20"), "rongchang": ("0.2", "0.4"), "yongchuan": ("8", "12")},
        ),
        (("--set", "target.永川区.mediation_succeeded=20"), {"yongchuan": ("8", "14")}),
        (("--set", "target.永川区.mediation_succeeded=50"), {}),
        (("--accept-appeal", "永川区:调解"), {"yongchuan": ("8", "12")}),
        (("--accept-appeal", "永川区:mediation_succeeded.figure=25"), {"yongchuan": ("8", "9")}),
        (("--accept-appeal", "大足区:homes"), {"dazu": ("14", "17")}),
        (
            ("--accept-appeal", "大足区:homes=2", "--accept-appeal", "永川区:homes.points=1"),
            {"dazu": ("14", "16"), "yongchuan": ("8", "9")},
        ),
    ],
)
def test_a_change_is_shown_for_every_unit_it_affects(
    changes: tuple[str, ...], expected: dict[str, tuple[str, str]]
) -> None:
    assert points(asked("rescore", "--year", "2015", *changes)) == expected


@pytest.mark.usefixtures("chinese")
def test_a_difference_names_place_grade_and_items_and_fits_eighty_columns() -> None:
    arguments = ("--set", "target.永川区.mediation_succeeded=20", "--accept-appeal", "永川区:paid.points=10")
    done = call("rescore", "--year", "2015", *arguments)
    assert done.exit_code == 0, done.output
    assert max(map(cell_len, done.stdout.splitlines())) <= 80
    for text in (
        "没有写入任何结果",
        "2个单位受影响，其中2个等次改变",
        "8→20",
        "2→1",
        "一等奖→特等奖",
        "调解 +6",
        "兑现金额 +6",
    ):
        assert text in done.stdout
    (dazu, yongchuan) = asked("rescore", "--year", "2015", *arguments)["units"]  # type: ignore[misc]
    assert (dazu["before"]["grade"], dazu["after"]["grade"], dazu["items"]) == ("special", "first", [])
    assert yongchuan["items"] == [
        {"item": "mediation", "before": "4", "after": "10"},
        {"item": "paid", "before": "4", "after": "10"},
    ]


@pytest.mark.usefixtures("chinese")
def test_nothing_changed_shows_nothing() -> None:
    done = call("rescore", "--year", "2015", "--set", "items.mediation.points=10")
    assert "没有一个单位受影响" in done.stdout


def test_another_folder_of_another_year_is_applied_to_this_one(tmp_path: Path) -> None:
    folder = tmp_path / "2014"
    folder.mkdir()
    year = supposed.known_scheme(Path(), 2015).year
    for name in ("scheme.yml", "group.csv", "target.csv"):
        (folder / name).write_text(TEXTS[name], encoding="utf-8")
    done = call("rescore", "--year", "2015", "--scheme", str(folder), "--json")
    assert done.exit_code == 0, done.output
    assert "scheme of 2014; it is applied to 2015" in done.stderr
    assert points(json.loads(done.stdout)) == {
        "dazu": ("14", "3"),
        "rongchang": ("0.2", "0.1"),
        "yongchuan": ("8", "2"),
    }
    assert year.year == 2015


TEXTS = {
    "scheme.yml": """
scheme: other
year: 2014
label: 另一办法
document_no: 样例〔2014〕1号
closing_on: 2015-02-28
order: [items, rescale, round, gates, rank, grades]
missing: {not_applicable: zero, no_target: zero, not_reported: zero, rejected: zero}
rank: {ties: shared}
grades: {barred: passes_on, edge_tie: extend, list: [{grade: special, count: 1}, {grade: first}]}
items: [{id: mediation, label: 调解, points: 5, indicator: mediation_succeeded, rule: {linear: {of: value, full_at: 50}}}]
""",
    "group.csv": "unit,group_id\n" + "".join(f"{unit},district\n" for unit in UNITS),
    "target.csv": "unit,indicator,target,document_no,effective_on\n",
}


def test_a_changed_scheme_with_errors_is_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    year = year_of(ITEMS[:1], dict.fromkeys(UNITS, "district"), total=10)
    monkeypatch.setattr(
        supposed, "known_scheme", lambda warehouse, year_, root=None: AdmittedScheme(year, "", ())
    )
    monkeypatch.setattr(supposed, "known_facts", lambda *a, **k: pytest.fail("scored"))
    done = call("rescore", "--year", "2015", "--set", "items.mediation.indicator=no_such_indicator")
    assert done.exit_code == 1
    assert "no_such_indicator" in done.stderr
