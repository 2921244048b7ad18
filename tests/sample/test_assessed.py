"""The office's records fit the schemes of their years: whatever they name is there, and nobody is left out."""

from __future__ import annotations

from collections import defaultdict

import pytest

from flows.sample.kinds import assessed, checked, office
from flows.sample.kinds.assessed import Entry
from flows.sample.scene import CITY, YEARS, YONGCHUAN, Scene, units
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.score.sources.veto import VetoInput

UNITS = [u for u in units() if u.code != CITY]
CITY_UNIT = next(u for u in units() if u.code == CITY)
#: Every unit did five of everything, and ten of each later year.
FIGURES = {
    name: {u.code: {str(y): str(5 + 5 * (y > 2011)) for y in YEARS} for u in UNITS}
    for name in checked.CHECKED
}


def made(kind: str, year: int) -> list[Entry]:
    entries = office.MAKERS[kind](Scene(CITY_UNIT, kind, 2015), UNITS, FIGURES)
    return [e for e in entries if e.day.year == year]


@pytest.fixture(params=YEARS)
def year(request: pytest.FixtureRequest) -> SchemeYear:
    return load_year(request.param)


def names(year: SchemeYear) -> set[str]:
    return {name for item in year.scheme.walk() for name in (item.id, item.label)}


def test_the_assessed_units_are_those_of_the_groups(year: SchemeYear) -> None:
    assert {u.code for u in assessed.alive(UNITS, year.year)} == set(year.groups)
    assert len(year.groups) == 40


def test_every_rater_of_the_scheme_scores_every_unit(year: SchemeYear) -> None:
    asked = {
        (item.label, read.rated_by) for item in year.scheme.leaves for read in item.inputs if read.rated_by
    }
    scored: dict[tuple[object, object], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in made("rater_score", year.year):
        scored[entry.cells["item"], entry.cells["rater_group"]][entry.unit.code] += 1
    assert set(scored) == asked
    assert all(set(of_unit) == set(year.groups) for of_unit in scored.values())
    assert all(min(of_unit.values()) >= 3 for (_, group), of_unit in scored.items() if group != "committee")


@pytest.mark.parametrize("kind", ["deduction", "appeal"])
def test_items_are_those_of_the_scheme(year: SchemeYear, kind: str) -> None:
    found = {str(e.cells["item"]) for e in made(kind, year.year)}
    assert found and found <= names(year)


def test_bonuses_and_vetoes_lead_somewhere(year: SchemeYear) -> None:
    assert year.scheme.bonus is not None
    kinds = {kind for c in year.scheme.bonus.classes for kind in c.kinds}
    assert {e.cells["kind"] for e in made("bonus_application", year.year)} <= kinds
    gated = {c for g in year.scheme.gates for n in g.if_.inputs if isinstance(n, VetoInput) for c in n.veto}
    assert {e.cells["condition"] for e in made("veto_event", year.year)} <= gated


def test_only_the_last_year_has_anything_undecided(year: SchemeYear) -> None:
    is_open = {
        any(e.cells["granted_points"] is None for e in made("bonus_application", year.year)),
        any(e.cells["ruling"] == "pending" for e in made("appeal", year.year)),
    }
    assert is_open == {year.year == YEARS[-1]}


def test_checked_figures_are_near_those_of_the_units(year: SchemeYear) -> None:
    known = int(FIGURES["legal_aid_cases"]["wanzhou"][str(year.year)])
    assert {e.cells["verified"] for e in made("verified_figure", year.year)} == {known, known - 1}
    assert {e.cells["reduction"] for e in made("spot_check", year.year)} == {0, 1}
    read = {i.indicator for i in year.scheme.leaves}
    assert {e.cells["indicator"] for e in made("verified_figure", year.year)} <= read


def test_a_target_letter_says_what_the_table_says(year: SchemeYear) -> None:
    entries = made("target_letter", year.year)
    assert len(entries) == len(year.targets)
    assert "85%" in {e.cells["target_written"] for e in entries}


def test_no_unit_is_treated_by_name() -> None:
    """What raters think of Yongchuan comes from the same dice as of anybody else."""
    standings = {u.code: assessed.standing(u, 2015) for u in UNITS}
    assert len(set(standings.values())) > 5
    assert standings[YONGCHUAN] < max(standings.values())
