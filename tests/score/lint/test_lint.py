"""Findings read well: clause in the words of the scheme, sorted, the same each time; errors refuse a year, warnings do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT, ContractError
from flows.score.lint import CODES, lint, lint_folder, refuse
from flows.score.lint.lint_finding import clause
from flows.score.scheme.scheme_loader import SchemeYear, load_folder

SOUND = Path(__file__).parent / "sound"


def changed(tmp_path: Path, base: str, *pairs: tuple[str, str], file: str = "scheme.yml") -> Path:
    folder = tmp_path / base
    shutil.copytree(SOUND / base, folder)
    text = (folder / file).read_text(encoding="utf-8")
    for find, put in pairs:
        assert find in text
        text = text.replace(find, put)
    (folder / file).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def targets() -> SchemeYear:
    return load_folder(SOUND / "targets")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("items.0.items.0.rule.linear.of", "维权机制 › 成功调解劳动争议 · linear of"),
        ("items.0.items.1.rule.bands.points.1", "维权机制 › 调解成功率 · bands 第2档"),
        ("items.0.items.4.rule.first.branches.1.then.linear", "维权机制 › 走访慰问 · first 第2支 linear"),
        ("items.1.items.1.rule.sum.1.bands", "经费收缴 › 审计面 · sum 第2项 bands"),
        ("items.1.points", "经费收缴 · points"),
        ("gates.2.if.of", "门槛与否决 › 经费上解为获奖必备 · if of"),
        ("bonus.classes.1.levels.national", "加分 › 创新 · levels national"),
        ("bonus.cap", "加分 · cap"),
        ("deductions.classes.0.items.0", "扣分 › 维权通报 · items 第1项"),
        ("grades.list.0", "等次 › 特等奖"),
        ("closing_on", "截止日"),
        ("order.3", "计算顺序 · 第4项"),
    ],
)
def test_a_place_is_named_in_the_words_of_the_scheme(targets: SchemeYear, path: str, words: str) -> None:
    assert clause(targets.scheme, path) == words


def test_findings_are_sorted_and_the_same_whatever_the_order_of_lines(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        "targets",
        ("total: 60", "total: 61"),
        ("[0.80, 6]", "[0.75, 6]"),
        ("min_points: 40", "min_points: 90"),
    )
    found = lint_folder(folder)
    assert [f.place for f in found] == sorted(f.place for f in found)
    assert [f.code for f in found if f.severity != "info"] == [
        "total_differs",
        "target_threshold",
        "grade_unreachable",
    ]
    head, *rest = (folder / "target.csv").read_text(encoding="utf-8").splitlines()
    (folder / "target.csv").write_text(
        "\n".join([head, *sorted(rest, reverse=True)]) + "\n", encoding="utf-8"
    )
    assert lint_folder(folder) == found


def test_a_threshold_beside_the_target_says_how_many_units(tmp_path: Path) -> None:
    folder = changed(tmp_path, "targets", ("[0.80, 6]", "[0.75, 6]"))
    (found,) = (f for f in lint_folder(folder) if f.code == "target_threshold")
    assert found.message == (
        "full points begin at value 0.75, the target is reached at 0.8 (40 units: 巴南区、北碚区、璧山区 and 37 more)"
    )


def test_missing_targets_name_the_units_and_an_own_policy_settles_them(tmp_path: Path) -> None:
    lacking = ("wanzhou,mediation_succeeded,8,测试〔2015〕4号,2015-01-20\n", "")
    folder = changed(tmp_path, "targets", lacking, file="target.csv")
    found = [f for f in lint_folder(folder) if f.code == "target_missing"]
    assert [f.message for f in found] == ["1 units have no target for mediation_succeeded: 万州区"] * 2
    scheme = folder / "scheme.yml"
    text = scheme.read_text(encoding="utf-8")
    said = text.replace(
        "indicator: mediation_succeeded\n",
        "indicator: mediation_succeeded\n        missing: {no_target: zero}\n",
    )
    scheme.write_text(said, encoding="utf-8")
    assert [f for f in lint_folder(folder) if f.code == "target_missing"] == []


def test_every_error_of_loading_has_its_own_line(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "targets", ("        points: 8\n", "        points: 八\n"), ("parts: drop", "parts: some")
    )
    text = (folder / "scheme.yml").read_text(encoding="utf-8").splitlines()
    found = lint_folder(folder)
    assert [(f.code, f.severity, text[f.line - 1].strip()) for f in found] == [
        ("load", "error", "points: 八"),
        ("load", "error", "parts: some"),
    ]


@pytest.mark.parametrize("file", ["scheme.yml", "target.csv", "group.csv"])
def test_a_file_of_another_encoding_is_an_error_of_loading_and_a_mark_in_front_is_none(
    tmp_path: Path, file: str
) -> None:
    folder = changed(tmp_path, "targets")
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert [f for f in lint_folder(folder) if f.severity != "info"] == []
    (folder / file).write_text(text + "万州\n", encoding="gb18030")
    (found,) = lint_folder(folder)
    assert (found.code, found.file) == (
        "load",
        str(folder / file),
    ) and "save the file as UTF-8" in found.message


@pytest.mark.parametrize("file", ["scheme.yml", "target.csv", "group.csv"])
def test_a_file_that_is_not_there_is_an_error_of_loading(tmp_path: Path, file: str) -> None:
    folder = changed(tmp_path, "peers")
    (folder / file).unlink()
    assert [(f.code, f.file) for f in lint_folder(folder)] == [("load", str(folder / file))]


def test_errors_refuse_a_year_and_warnings_do_not(tmp_path: Path) -> None:
    refuse(load_folder(changed(tmp_path / "odd", "targets", ("total: 60", "total: 97"))))
    folder = changed(
        tmp_path / "wrong", "targets", ("min_points: 40", "min_points: 90"), ("[base_points,", "[item:base,")
    )
    with pytest.raises(ContractError) as refused:
        refuse(load_folder(folder))
    text = str(refused.value)
    assert text.startswith("the scheme of 2015 has 2 errors and is not run:\n")
    assert f"{folder / 'scheme.yml'}:" in text and "no item base" in text and "no more than" in text


@pytest.mark.parametrize(
    ("base", "find", "put", "code"),
    [
        (
            "targets",
            "kinds: [innovation, experience, pilot, other]",
            "kinds: [innovation]",
            "bonus_kind_left",
        ),
        ("targets", "less_than: 0.8, if_missing: true", "less_than: 0.8", "gate_if_missing"),
        ("targets", "closing_on:", "groups: {district: 区}\nclosing_on:", "group_unnamed"),
    ],
)
def test_what_is_only_worth_knowing_is_an_info(
    tmp_path: Path, base: str, find: str, put: str, code: str
) -> None:
    found = [f for f in lint_folder(changed(tmp_path, base, (find, put))) if f.code == code]
    assert [f.severity for f in found] == ["info"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        # bands of 80 % beside a target text of 90 %; two leaves of a scheme of 100
        ("a9", {"total_differs": "总分", "target_threshold": "组建 › 法人登记率 · bands"}),
        # 97 points in the original, of which some leaves are written down; a rate that cannot exceed its target of 1
        ("a10", {"total_differs": "总分", "cap_never_binds": "经费完成 · cap"}),
        ("a19", {}),
    ],
)
def test_what_is_odd_about_real_schemes_is_said_and_stops_none(name: str, told: dict[str, str]) -> None:
    """Only that few of our units are in their groups is an error."""
    found = lint_folder(ROOT / "tests" / "case" / "scheme" / name)
    assert {f.code for f in found if f.severity == "error"} == {"unit_missing"}
    clauses = {f.code: f.clause for f in found}
    assert {code: clauses.get(code) for code in told} == told


def test_linting_twice_gives_the_same(targets: SchemeYear) -> None:
    assert lint(targets) == lint(targets)


def test_every_code_says_what_to_do() -> None:
    assert all(hint and hint[0].islower() and not hint.endswith(".") for _, hint in CODES.values())
    assert {severity for severity, _ in CODES.values()} == {"error", "warning", "info"}
