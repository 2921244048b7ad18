"""Every kind of scoring rule seen in real schemes (R1 to R32) can be written down, gives its points and says why.

One file per kind, with the schemes it comes from; values stand at every threshold and beside it. `inputs`, `nested` and `missing`
hold what the kinds have in common.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from flows.contract.catalogue import ROOT
from flows.score.engine.scoring import score
from flows.score.explain.sentence import explanations
from tests.score.case import cases, made, number

FOLDER = ROOT / "tests" / "case" / "rule"


def test_every_kind_has_its_cases() -> None:
    assert {p.stem for p in FOLDER.glob("R*.yml")} == {f"R{n:02}" for n in range(1, 33)}


def test_what_is_cited_stands_on_the_page_of_rules() -> None:
    page = (ROOT / "docs" / "RULES.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| ([AR]\d+) \|", page, re.MULTILINE))
    files = [
        *(ROOT / "flows").rglob("*.py"),
        *(ROOT / "tests" / "case").rglob("*.yml"),
        *(ROOT / "data" / "scheme").rglob("*.yml"),
    ]
    cited = {
        c
        for f in files
        for c in re.findall(r"(?<![\w\[{,-])\b[AR]\d{1,2}\b(?![\w:\d])", f.read_text(encoding="utf-8"))
    }
    assert cited <= known


@pytest.mark.parametrize(("name", "case"), [pytest.param(n, c, id=n) for n, c in cases(FOLDER)])
def test_the_points_are_those_of_the_scheme_and_the_sentence_says_why(
    name: str, case: dict[str, Any]
) -> None:
    year, facts = made(case)
    scored = score(year, facts)
    item = {s.unit: s for s in scored.items if s.item == "x"}
    result = {r.unit: r for r in scored.results}
    for unit, points in case.get("points", {}).items():
        assert item[unit].points == number(points), unit
    told = explanations(year, scored)
    assert {unit: told[unit, "x"] for unit in case.get("points", {})} == case.get("explanation", {})
    for unit, state in case.get("state", {}).items():
        assert item[unit].state == state, unit
    for unit, points in case.get("bonus_points", {}).items():
        assert result[unit].bonus == number(points), unit
    for unit, points in case.get("total", {}).items():
        assert result[unit].total == Fraction(points), unit
    for unit, rank in case.get("rank", {}).items():
        assert result[unit].group_rank == int(rank), unit
    for unit, grade in case.get("grade", {}).items():
        assert result[unit].grade == grade, unit
    for unit, effects in case.get("gates", {}).items():
        assert [g.effect for g in scored.gates if g.unit == unit] == effects
    if "why" in case:
        assert sorted(b.why for b in scored.bonus if b.counted_year == 2015) == sorted(case["why"])
    found = {f.code for f in scored.findings if f.severity == "error"}
    assert found == set(case.get("findings", ())), name
