"""The office's records fit the schemes of their years: whatever they name is there, and nobody is left out."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from flows.contract.catalogue import records
from flows.sample.intent import PlannedRow, Value
from flows.sample.lots import LotMaker
from flows.sample.plan import load_plan
from flows.sample.senders import YEARS, alive, senders
from flows.sample.special_kinds import target_letters
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.score.sources.veto import VetoInput

UNITS = [s for s in senders() if not s.is_office]
CITY = next(s for s in senders() if s.is_office)
#: Every unit did five of everything, and ten of each later year.
FIGURES = {
    name: {u.code: {str(y): str(5 + 5 * (y > 2011)) for y in YEARS} for u in UNITS}
    for name in load_plan(False).checked
}


@cache
def all_rows(kind: str) -> tuple[PlannedRow, ...]:
    if kind == "target_letter":
        return tuple(target_letters(UNITS))
    return tuple(LotMaker(CITY, UNITS, FIGURES).rows(records()[kind]))


def made(kind: str, year: int) -> list[PlannedRow]:
    return [row for row in all_rows(kind) if row.day.year == year]


def cells(kind: str, year: int, column: str) -> set[Value]:
    return {row.values[column] for row in made(kind, year)}


@pytest.fixture(params=YEARS)
def year(request: pytest.FixtureRequest) -> SchemeYear:
    return load_year(request.param)


def names(year: SchemeYear) -> set[str]:
    return {name for item in year.scheme.walk() for name in (item.id, item.label)}


def test_the_assessed_units_are_those_of_the_groups(year: SchemeYear) -> None:
    assert {u.code for u in alive(UNITS, year.year)} == set(year.groups)
    assert len(year.groups) == 40


def test_every_rater_of_the_scheme_scores_every_unit(year: SchemeYear) -> None:
    asked = {
        (item.label, read.rated_by) for item in year.scheme.leaves for read in item.inputs if read.rated_by
    }
    scored: dict[tuple[object, object], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in made("rater_score", year.year):
        scored[entry.values["item"], entry.values["rater_group"]][str(entry.subject)] += 1
    assert set(scored) == asked
    assert all(set(of_unit) == set(year.groups) for of_unit in scored.values())
    assert all(min(of_unit.values()) >= 3 for (_, group), of_unit in scored.items() if group != "committee")


@pytest.mark.parametrize("kind", ["deduction", "appeal"])
def test_items_are_those_of_the_scheme(year: SchemeYear, kind: str) -> None:
    found = set(map(str, cells(kind, year.year, "item")))
    assert found and found <= names(year)


def test_bonuses_and_vetoes_lead_somewhere(year: SchemeYear) -> None:
    assert year.scheme.bonus is not None
    kinds = {kind for c in year.scheme.bonus.classes for kind in c.kinds}
    assert cells("bonus_application", year.year, "kind") <= kinds
    gated = {c for g in year.scheme.gates for n in g.if_.inputs if isinstance(n, VetoInput) for c in n.veto}
    assert cells("veto_event", year.year, "condition") <= gated


def test_only_the_last_year_has_anything_undecided(year: SchemeYear) -> None:
    is_open = {
        None in cells("bonus_application", year.year, "granted_points"),
        "pending" in cells("appeal", year.year, "ruling"),
    }
    assert is_open == {year.year == YEARS[-1]}


def test_checked_figures_are_near_those_of_the_units(year: SchemeYear) -> None:
    known = int(FIGURES["legal_aid_cases"]["wanzhou"][str(year.year)])
    assert cells("verified_figure", year.year, "verified") == {known, known - 1}
    assert cells("spot_check", year.year, "reduction") == {0, 1}
    read = {i.indicator for i in year.scheme.leaves}
    assert cells("verified_figure", year.year, "indicator") <= read


def test_a_target_letter_says_what_the_table_says(year: SchemeYear) -> None:
    entries = made("target_letter", year.year)
    assert len(entries) == len(year.targets)
    assert "85%" in cells("target_letter", year.year, "target_written")
