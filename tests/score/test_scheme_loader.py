"""A year's folder is read strictly: every refusal names file and line, both lines where two disagree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT, ContractError
from flows.score.rules.linear import Linear
from flows.score.scheme.scheme_loader import load_folder, load_year, read_groups, read_targets, years

HEADER = "unit,indicator,target,document_no,effective_on\n"
LINE = "yongchuan,mediation_succeeded,3,样例1号,2015-01-20"

SCHEME = """\
scheme: made
year: 2015
label: 样例
document_no: 样例〔2015〕1号
closing_on: 2016-03-31
order: [items, rescale, round, gates, rank, grades]
missing: {not_applicable: rescale, no_target: error, not_reported: zero, rejected: zero}
rank: {ties: shared}
grades: {barred: passes_on, edge_tie: decide, list: [{grade: first}]}
items:
  - {id: mediation, label: 调解, points: 100, indicator: mediation_succeeded, rule: {linear: {full_at: 0.10}}}
"""


def targets(folder: Path, *lines: str) -> Path:
    path = folder / "target.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def year_folder(folder: Path, scheme: str = SCHEME, *lines: str) -> Path:
    (folder / "scheme.yml").write_text(scheme, encoding="utf-8")
    (folder / "group.csv").write_text("unit,group_id\nyongchuan,district\n", encoding="utf-8")
    targets(folder, *lines)
    return folder


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["yongchuan,mediation_succeeded,NaN,样例1号,2015-01-20"], "target.csv:2: a target is a number"),
        (["yongchuan,mediation_succeeded,three,样例1号,2015-01-20"], "target.csv:2"),
        (["yongchuan,mediation_succeeded,3,,2015-01-20"], "target.csv:2: a target needs its document"),
        (["yongchuan,mediation_succeeded,3,样例1号,2015-13-20"], "target.csv:2"),
        (["yongchuan,mediation_succeeded,3,样例1号"], "target.csv:2: expected 5 cells"),
        ([LINE, LINE], "target.csv:3: the same value again .* line 2 says 3, line 3 says 3"),
        (
            [LINE, LINE.replace(",3,", ",4,")],
            "target.csv:3: another value .* line 2 says 3, line 3 says 4: keep one",
        ),
    ],
)
def test_a_wrong_table_of_targets_is_refused_with_its_line(
    tmp_path: Path, lines: list[str], complaint: str
) -> None:
    with pytest.raises(ContractError, match=complaint):
        read_targets(targets(tmp_path, *lines))


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "target.csv"
    path.write_text("unit,target\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"target.csv:1: expected the columns unit,indicator"):
        read_targets(path)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("yongchuan,a\nyongchuan,b\n", "group.csv:3: yongchuan is in b here and in a on line 2"),
        ("yongchuan,\n", "group.csv:2"),
    ],
)
def test_a_unit_is_in_one_group(tmp_path: Path, lines: str, complaint: str) -> None:
    path = tmp_path / "group.csv"
    path.write_text("unit,group_id\n" + lines, encoding="utf-8")
    with pytest.raises(ContractError, match=complaint):
        read_groups(path)


def test_the_latest_target_in_effect_counts(tmp_path: Path) -> None:
    later = "yongchuan,mediation_succeeded,4,样例9号,2015-07-01"
    year = load_folder(year_folder(tmp_path, SCHEME, later, LINE))
    key = ("yongchuan", "mediation_succeeded")
    assert year.in_force()[key].document_no == "样例9号"
    assert year.in_force(date(2015, 6, 30))[key].target == 3
    assert year.in_force(date(2015, 1, 1)) == {}


def test_numbers_are_taken_as_written(tmp_path: Path) -> None:
    [leaf] = load_folder(year_folder(tmp_path)).scheme.leaves
    assert isinstance(leaf.rule, Linear) and leaf.rule.full_at == Decimal("0.10")


@pytest.mark.parametrize(
    ("scheme", "complaint"),
    [
        (SCHEME.replace("full_at", "full_att"), r"scheme.yml:11: .*full_att"),
        (SCHEME + "year: 2016\n", "scheme.yml:12: year is written twice"),
        (SCHEME.replace("[items, rescale, round", "[rescale, items, round"), "order begins with items"),
        ("- a\n", "scheme.yml:1: expected a mapping"),
        ("a: [\n", "scheme.yml"),
    ],
)
def test_a_scheme_that_is_unclear_is_refused_with_its_line(
    tmp_path: Path, scheme: str, complaint: str
) -> None:
    with pytest.raises(ContractError, match=complaint):
        load_folder(year_folder(tmp_path, scheme))


def test_the_fingerprint_is_of_all_three_files(tmp_path: Path) -> None:
    year = load_folder(year_folder(tmp_path))
    before = year.fingerprint
    for name in ("scheme.yml", "target.csv", "group.csv"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
        assert year.fingerprint != before
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert year.fingerprint == before


def test_a_year_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="copied from another"):
        load_year(2014, tmp_path)


def test_the_years_are_those_that_have_a_scheme(tmp_path: Path) -> None:
    for year, name in ((2015, "scheme.yml"), (2014, "scheme.yml"), (2013, "target.csv")):
        folder = tmp_path / "data" / "scheme" / str(year)
        folder.mkdir(parents=True)
        (folder / name).touch()
    assert years(tmp_path) == [2014, 2015]


def test_the_sample_of_2015_says_that_it_is_a_sample() -> None:
    found = read_targets(ROOT / "data" / "scheme" / "2015" / "target.csv")
    assert len({t.unit for t in found}) == 40 and len({t.indicator for t in found}) >= 20
    assert all(t.document_no.startswith("样例") for t in found)
