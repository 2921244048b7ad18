"""One thing of a year is set on a copy; what a path cannot name is answered with what there is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.contract.catalogue import ROOT
from flows.score.scheme.scheme_loader import SchemeYear, load_folder, load_scheme
from flows.score.scheme.scheme_model import Scheme
from flows.score.whatif.scenario import ScenarioError, with_setting

SCHEME = """
scheme: case
year: 2015
label: 样例
document_no: 样例〔2015〕1号
closing_on: 2016-02-28
order: [items, rescale, bonus, round, gates, rank, grades]
missing: {not_applicable: rescale, no_target: zero, not_reported: zero, rejected: zero}
rank: {ties: shared}
grades: {barred: passes_on, edge_tie: extend, list: [{grade: special, count: 1}, {grade: first}]}
bonus: {cap: 5, classes: [{id: honour, label: 荣誉, kinds: [award], levels: {national: 3}}]}
gates: [{id: unsafe, label: 安全, if: {of: {veto: [safety]}, at_least: 1}, effect: no_award}]
items:
- id: rights
  label: 维权
  items:
  - {id: mediation, label: 调解, points: 10, indicator: mediation_succeeded, rule: {linear: {}}}
  - {id: rate, label: 成功率, points: 5, indicator: mediation_success_rate, rule: {bands: [[0.8, 5], [0.7, 3]]}}
"""
TARGETS = """unit,indicator,target,document_no,effective_on
a,mediation_succeeded,100,样例〔2015〕2号,2015-02-01
a,mediation_succeeded,120,样例〔2015〕9号,2015-07-01
b,mediation_succeeded,100,样例〔2015〕2号,2015-02-01
"""


@pytest.fixture
def year(tmp_path: Path) -> SchemeYear:
    (tmp_path / "scheme.yml").write_text(SCHEME, encoding="utf-8")
    (tmp_path / "target.csv").write_text(TARGETS, encoding="utf-8")
    (tmp_path / "group.csv").write_text("unit,group_id\na,district\nb,county\n", encoding="utf-8")
    return load_folder(tmp_path)


def at(scheme: Scheme, *way: str | int) -> Any:
    node: Any = scheme
    for step in way:
        node = node[step] if isinstance(step, int) or isinstance(node, dict) else getattr(node, step)
    return node


@pytest.mark.parametrize(
    ("path", "value", "way", "expected"),
    [
        ("items.rights.points", "12", ("items", 0, "points"), Decimal(12)),
        ("items.mediation.points", "12.5", ("items", 0, "items", 0, "points"), Decimal("12.5")),
        ("items.rights.items.mediation.cap", "11", ("items", 0, "items", 0, "cap"), Decimal(11)),
        (
            "items.rate.rule.bands.points.1.points",
            "2",
            ("items", 0, "items", 1, "rule", "points", 1, "points"),
            Decimal(2),
        ),
        (
            "items.rate.missing.not_reported",
            "full",
            ("items", 0, "items", 1, "missing", "not_reported"),
            "full",
        ),
        ("grades.list.special.count", "3", ("grades", "list_", 0, "count"), 3),
        (
            "bonus.classes.honour.levels.national",
            "4",
            ("bonus", "classes", 0, "levels", "national"),
            Decimal(4),
        ),
        ("gates.unsafe.effect", "lowest", ("gates", 0, "effect", "lowest"), True),
        ("rounding.total", "1", ("rounding", "total"), 1),
        ("pace.green", "0.9", ("pace", "green"), Decimal("0.9")),
    ],
)
def test_a_path_of_the_scheme_is_set_and_nothing_else(
    year: SchemeYear, path: str, value: str, way: tuple[str | int, ...], expected: object
) -> None:
    after = with_setting(year, path, value).scheme
    assert at(after, *way) == expected
    before = at(year.scheme, *way[:-1])
    assert at(after, *way[:-1]) != before
    undone = year.scheme.model_dump(mode="json")
    changed = after.model_dump(mode="json")
    assert sum(undone[key] != changed[key] for key in undone) == 1


def test_a_default_that_is_not_written_keeps_its_other_parts(year: SchemeYear) -> None:
    after = with_setting(year, "items.mediation.rule.linear.of.period", "U{year}").scheme
    number = at(after, "items", 0, "items", 0, "rule", "of")
    assert (number.period, [t.name for t in number.as_]) == ("U{year}", ["attainment"])


def test_a_whole_rule_is_replaced(year: SchemeYear) -> None:
    after = with_setting(year, "items.mediation.rule", "{bands: [[1, 10], [0.5, 4]]}").scheme
    assert at(after, "items", 0, "items", 0, "rule").key == "bands"


def test_a_target_takes_the_place_of_all_its_versions(year: SchemeYear) -> None:
    after = with_setting(year, "target.a.mediation_succeeded", "300")
    assert [(t.unit, t.target) for t in after.targets] == [("b", Decimal(100)), ("a", Decimal(300))]
    assert after.in_force()["a", "mediation_succeeded"].document_no == "假设"
    assert len(year.targets) == 3


def test_a_unit_changes_its_group(year: SchemeYear) -> None:
    assert with_setting(year, "group.b", "district").groups == {"a": "district", "b": "district"}
    assert year.groups["b"] == "county"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("itmes.mediation.points", "1", "there are target.<unit>.<indicator>, group.<unit>, scheme, year"),
        ("items.mediatoin.points", "1", "items has rights, mediation, rate"),
        ("items.mediation.pionts", "1", "items.mediation has id, label, points"),
        ("items.mediation.points.x", "1", "nothing below items.mediation.points"),
        ("grades.list.third.count", "1", "grades.list has special, first"),
        ("bonus.classes.honour.levels.world", "1", "levels has national"),
        ("items.mediation.points", "many", "valid decimal"),
        ("items.mediation.rule.bands", "[[1, 2]]", "items.mediation.rule has linear"),
        ("items.mediation.points", "{", "not YAML"),
        ("deductions.cap", "3", "nothing below deductions"),
        ("target.z.mediation_succeeded", "1", "no unit z; there are a, b"),
        ("target.a.mediation", "1", "no target mediation; there are mediation_succeeded"),
        ("target.a.mediation_succeeded", "viele", "not a number"),
        ("target.a.mediation_succeeded", "NaN", "not a number"),
        ("group.a", "town", "no group town; there are county, district"),
    ],
)
def test_what_cannot_be_set_says_what_there_is(year: SchemeYear, path: str, value: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_setting(year, path, value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "case" / "scheme").glob("*/scheme.yml")), ids=lambda p: p.parent.name
)
def test_a_scheme_is_what_its_own_dump_is_read_as(path: Path) -> None:
    """A change is made in the dump: a part that it loses or adds would be changed unseen."""
    scheme, _ = load_scheme(path)
    assert Scheme.model_validate(scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)) == scheme
