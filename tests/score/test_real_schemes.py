"""Three real schemes, as far as their text is known, written down, computed by hand and by the engine.

The bodies that wrote them keep other indicators than ours; the nearest of ours stand in. Thresholds, points, gates and
deductions are theirs.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from flows.contract.catalogue import ROOT
from flows.score.engine.facts import Address, Facts, Figure, FigureKey, Notice, RaterScore, VetoEvent
from flows.score.engine.result import Scored
from flows.score.engine.scoring import score
from flows.score.lint import lint
from flows.score.scheme.scheme_loader import load_folder

FOLDER = ROOT / "tests" / "case" / "scheme"
HERE = Address(1001, 2)


def figures(**given: dict[str, str]) -> dict[tuple[str, FigureKey], Figure]:
    """`unit={indicator: number}`, `indicator@2014` for the year before."""
    out = {}
    for unit, values in given.items():
        for name, text in values.items():
            indicator, _, year = name.partition("@")
            amount = Fraction(text)
            out[unit, FigureKey(indicator, None, year or "2015")] = Figure(
                "value" if amount else "zero", amount, amount, None, amount, amount, 1, 0
            )
    return out


def scored(name: str, units: tuple[str, ...], **facts: object) -> Scored:
    year = load_folder(FOLDER / name)
    return score(year, Facts(units=units, names={u: u for u in units}, **facts))  # type: ignore[arg-type]


def points(result: Scored, unit: str) -> dict[str, Fraction | None]:
    return {s.item: s.points for s in result.items if s.unit == unit}


def test_a9_bands_with_deductions_on_top() -> None:
    found = scored(
        "a9",
        ("jiangjin", "yongchuan"),
        figures=figures(
            yongchuan={
                "unionisation_rate": "0.80",
                "women_committee_rate": "0.98",
                "audit_committee_rate": "0.5999",
                "collective_contract_rate": "0.76",
                "collective_contracts": "2",
            },
            jiangjin={
                "unionisation_rate": "0.7999",
                "women_committee_rate": "0.97",
                "audit_committee_rate": "0.70",
                "collective_contract_rate": "0.80",
                "collective_contracts": "3",
            },
        ),
        notices=(
            Notice("yongchuan", "组建", Fraction(2), "底数不清", "A9-1", HERE),
            Notice("yongchuan", "founding", Fraction(2), "未登记建档", "A9-2", HERE),
        ),
    )
    first = points(found, "yongchuan")
    assert (first["legal_person"], first["together"], first["homes"]) == (2, 2, 1)
    assert first["contracts"] == 1  # 3 of the bands, 2 off for the one that is missing
    assert (first["founding"], first["rights"]) == (5, 1)
    second = points(found, "jiangjin")
    assert (second["legal_person"], second["together"], second["homes"], second["contracts"]) == (1, 0, 3, 4)
    totals = {r.unit: (r.base, r.deduction, r.total, r.group_rank) for r in found.results}
    assert totals == {"yongchuan": (6, 4, 2, 2), "jiangjin": (8, 0, 8, 1)}


def a10(**changed: str) -> Scored:
    own = {
        "spot_check_confirmation_rate": "0.90",
        "leaflets_copies": "10",
        "membership_rate": "0.66",
        "membership_rate@2014": "0.55",
        "funds_handed_up_rate": "1.05",
    } | changed
    other = {
        "spot_check_confirmation_rate": "0.70",
        "leaflets_copies": "12",
        "membership_rate": "0.50",
        "membership_rate@2014": "0.50",
        "funds_handed_up_rate": "0.95",
    }
    return scored(
        "a10",
        ("jiangjin", "yongchuan"),
        figures=figures(yongchuan=own, jiangjin=other),
        scores=tuple(
            RaterScore(u, "同级党组织评价", "leader", None, None, opinion, HERE)
            for u, opinion in (("yongchuan", "satisfied"), ("jiangjin", "fairly_satisfied"))
        ),
    )


def test_a10_growth_steps_and_opinions() -> None:
    found = a10()
    # 10 of 12 pieces: 2 off; growth of 20 %: the 10 and 2 more; 5 % over: 1 more
    assert points(found, "yongchuan") == {"content": 4, "party": 4, "news": 3, "insured": 12, "funds": 11}
    assert points(found, "jiangjin") == {"content": 3, "party": 2, "news": 5, "insured": 0, "funds": 9}
    assert {r.unit: (r.total, r.grade) for r in found.results} == {
        "yongchuan": (34, "first"),
        "jiangjin": (19, "pass"),
    }


@pytest.mark.parametrize(
    ("indicator", "value"),
    [("spot_check_confirmation_rate", "0.5999"), ("funds_handed_up_rate", "0.8999")],
)
def test_a10_no_award_without_what_it_must_have(indicator: str, value: str) -> None:
    found = {r.unit: r for r in a10(**{indicator: value}).results}
    assert found["yongchuan"].grade == "none"
    assert found["yongchuan"].total > found["jiangjin"].total
    assert found["jiangjin"].grade == "first"


def test_a10_one_death_bars() -> None:
    year = load_folder(FOLDER / "a10")
    facts = Facts(
        units=("jiangjin", "yongchuan"),
        names={},
        figures=figures(yongchuan={"leaflets_copies": "12"}),
        vetoes=(VetoEvent("yongchuan", "accident", False, "A10-1", HERE),),
    )
    assert ("yongchuan", "death") in {(g.unit, g.gate) for g in score(year, facts).gates}


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("0.5999", 160), ("0.60", 170), ("0.7999", 180), ("0.80", 190), ("0.8999", 190), ("0.90", 200)],
)
def test_a19_best_ranking_and_opinion(rate: str, expected: int) -> None:
    found = scored(
        "a19",
        ("hechuan", "jiangjin", "yongchuan"),
        figures=figures(
            yongchuan={
                "mediation_succeeded": "150",
                "spot_check_confirmation_rate": rate,
                "appeals_upheld_rate": "0.3",
            },
            jiangjin={
                "mediation_succeeded": "200",
                "spot_check_confirmation_rate": "0.95",
                "appeals_upheld_rate": "0.5",
            },
            hechuan={
                "mediation_succeeded": "0",
                "spot_check_confirmation_rate": "0.95",
                "appeals_upheld_rate": "0",
            },
        ),
        # two leaders: places 1 and 2, 2 and 1, 3 and 3 are 200, 196 and 192 points
        scores=tuple(
            RaterScore(u, "leaders", "leader", Fraction(p), Fraction(200), None, Address(1001, n))
            for n, (u, p) in enumerate(
                [
                    ("yongchuan", 200),
                    ("yongchuan", 196),
                    ("jiangjin", 196),
                    ("jiangjin", 200),
                    ("hechuan", 192),
                    ("hechuan", 192),
                ]
            )
        ),
        known_on=date(2016, 1, 1),
    )
    assert points(found, "yongchuan") == {"work": 450, "leaders": 198, "opinion": expected}
    assert points(found, "jiangjin") == {"work": 600, "leaders": 198, "opinion": 130}
    assert points(found, "hechuan") == {"work": 0, "leaders": 192, "opinion": 200}
    best = max(found.results, key=lambda r: r.total)
    assert (best.unit, best.grade) == ("jiangjin", "excellent")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        # the text asks for 90 % where the bands give all at 80 %; deductions are known for one block only
        ("a9", {"total_differs", "target_threshold", "deduction_left"}),
        # 33 of 97 points are known; one opinion and all but one veto have no consequence; a rate cannot earn more than its 100 %
        ("a10", {"total_differs", "code_unlisted", "veto_unnamed", "cap_never_binds"}),
        ("a19", set()),
    ],
)
def test_the_linter_says_what_is_odd_about_them(name: str, found: set[str]) -> None:
    """Their units are few of ours (`unit_missing`) and their groups have no printed name: of no matter here."""
    codes = {f.code for f in lint(load_folder(FOLDER / name))}
    assert codes - {"unit_missing", "group_unnamed"} == found
