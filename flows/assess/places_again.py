"""Places and grades derived once more, by code that did not produce them: SQL over the published totals, by the words of the scheme.

The engine makes places from exact fractions, in Python; this asks the rows that were published, in the way of the oracle of the tests.
Where both disagree a year is not closed, and a trace says so. Totals that differ by less than rounding to six places can blur are
allowed either order. A scheme that makes places before its gates void points or set them to zero cannot be followed from what is published:
then nothing is derived (`None`), rather than something that would not be the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT
from flows.database.connect import run_file
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Grade

#: Three parts of a total were each rounded to six places.
_BLUR = Decimal("0.000002")


@dataclass(frozen=True)
class PlaceAgain:
    """A unit's place within a scope ('' is all units) as published, and the best and worst that its total gives."""

    scope: str
    unit: str
    published: int
    best: int
    worst: int

    @property
    def follows(self) -> bool:
        """Whether the published place is one that follows."""
        return self.best <= self.published <= self.worst


@dataclass(frozen=True)
class GradePlaces:
    """A grade within a scope: how many places it has (None: as many as reach it), who took one, who used one up that is barred from it."""

    grade: Grade
    scope: str
    units: int
    places: int | None
    takers: tuple[str, ...]
    barred: tuple[str, ...]


@dataclass(frozen=True)
class StandingsAgain:
    """What follows for a year: places by scope and unit, how grades were given out, the grade of every unit."""

    places: Mapping[tuple[str, str], PlaceAgain]
    given: tuple[GradePlaces, ...]
    grades: Mapping[str, str]


def standings_again(
    con: duckdb.DuckDBPyConnection, year: SchemeYear, root: Path = ROOT
) -> StandingsAgain | None:
    """Derive places and grades of a year from its published totals; None where the order of the scheme's steps forbids it."""
    scheme, folder = year.scheme, root / "sql" / "assess" / "again"
    order = scheme.order
    after_rank = set(order[order.index("rank") :]) - {"rank", "grades"}
    if after_rank - {"round"} and _are_voided(con, year.year):
        return None
    asked = {
        "year": year.year,
        "breaks": list(scheme.rank.break_),
        "ties": scheme.rank.ties,
        "is_total": "round" not in after_rank,
        "may_differ": _BLUR if "round" in after_rank else Decimal(0),
    }
    rows = run_file(con, folder / "place.sql", asked).fetchall()
    places = {(scope, unit): PlaceAgain(scope, unit, *rest) for scope, unit, *rest in rows}
    given = tuple(_give_out(con, year, folder))
    return StandingsAgain(places, given, _lowered(con, year, given))


def differences_again(con: duckdb.DuckDBPyConnection, year: SchemeYear) -> list[tuple[str, str, str, str]]:
    """(unit, `rank` or `grade`, as published, as it follows) of every place and grade that does not follow."""
    found = standings_again(con, year)
    if found is None:
        return []
    out = [
        (p.unit, "rank", str(p.published), str(p.best) if p.best == p.worst else f"{p.best}–{p.worst}")
        for p in found.places.values()
        if not p.follows
    ]
    rows = con.execute("select unit_code, grade from assess.result where year = $year", {"year": year.year})
    return out + [
        (unit, "grade", grade, found.grades[unit])
        for unit, grade in rows.fetchall()
        if grade != found.grades[unit]
    ]


def _are_voided(con: duckdb.DuckDBPyConnection, year: int) -> bool:
    query = "select 1 from assess.gate where year = $year and effect in ('void', 'zero_score') limit 1"
    return con.execute(query, {"year": year}).fetchone() is not None


def _give_out(con: duckdb.DuckDBPyConnection, year: SchemeYear, folder: Path) -> list[GradePlaces]:
    """Grade after grade, best first."""
    spec = year.scheme.grades
    scopes: dict[str, int] = {}
    for group in year.groups.values():
        scope = "" if spec.scope == "all" else group
        scopes[scope] = scopes.get(scope, 0) + 1
    con.execute(
        "create or replace temporary table taken_again (unit_code varchar, nth integer, is_barred boolean)"
    )
    out = []
    for nth, grade in enumerate(spec.list_, 1):
        places = {scope: grade.quota(units) for scope, units in scopes.items()}
        asked = {
            "year": year.year,
            "nth": nth,
            "grades": [g.grade for g in spec.list_],
            "scopes": list(places),
            "quotas": list(places.values()),
            "least": grade.min_points,
            "is_of_all": spec.scope == "all",
            "keeps_place": spec.barred == "keeps_place",
            "edge": spec.edge_tie,
        }
        run_file(con, folder / "grade.sql", asked)
        taken = con.execute(
            "select unit_code, is_barred from taken_again where nth = $nth order by unit_code", {"nth": nth}
        ).fetchall()
        for scope, units in sorted(scopes.items()):
            own = [(u, barred) for u, barred in taken if scope in ("", year.groups[u])]
            takers, barred = (tuple(u for u, is_barred in own if is_barred is side) for side in (False, True))
            out.append(GradePlaces(grade, scope, units, places[scope], takers, barred))
    return out


def _lowered(
    con: duckdb.DuckDBPyConnection, year: SchemeYear, given: tuple[GradePlaces, ...]
) -> dict[str, str]:
    """The grades, lowered by what lowers them."""
    spec = year.scheme.grades
    names = [g.grade for g in spec.list_]
    taken = {unit: names.index(one.grade.grade) for one in given for unit in one.takers}
    rows = con.execute(
        "select unit_code, count(distinct gate_id) filter (where effect = 'lower_one'), bool_or(effect = 'lowest'), "
        "bool_or(effect = 'no_award') from assess.gate where year = $year group by unit_code",
        {"year": year.year},
    ).fetchall()
    effects = {unit: rest for unit, *rest in rows}
    out = {}
    for unit in year.groups:
        lower, is_lowest, is_barred = effects.get(unit, (0, False, False))
        at = taken.get(unit, len(names)) + lower
        if is_lowest and unit in taken:
            at = max(at, len(names) - 1)
        out[unit] = names[at] if at < len(names) and not is_barred else spec.no_award
    return out
