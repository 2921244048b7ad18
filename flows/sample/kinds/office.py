"""What the city office sends about all units: the assessment's own records, and results of past years.

Yongchuan: first prize for 2010, then the special prize for 2011 to 2014, four years running. What belongs to a
year's scheme (`assessed.py`, `checked.py`, `target.py`) has a maker of its own; any other kind about units gets a few
rows a year from its contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from flows.contract.record import ColumnType, Record
from flows.sample import generic
from flows.sample.kinds import assessed, checked, target
from flows.sample.kinds.assessed import Entry, Figures
from flows.sample.model import Mark, Row, Value
from flows.sample.scene import YEARS, YONGCHUAN, Scene, Unit

Maker = Callable[[Scene, Sequence[Unit], Figures], Iterable[Entry]]

MAKERS: dict[str, Maker] = {
    "appeal": checked.appeal,
    "bonus_application": assessed.bonus_application,
    "deduction": assessed.deduction,
    "late_excuse": assessed.late_excuse,
    "rater_score": assessed.rater_score,
    "self_report": checked.self_report,
    "spot_check": checked.spot_check,
    "target_letter": target.entries,
    "verified_figure": checked.verified_figure,
    "veto_event": assessed.veto_event,
}
#: Place of Yongchuan among all: first prize for 2010, then the special prize four times.
YONGCHUAN_PLACES = {2010: 8, 2011: 1, 2012: 1, 2013: 1, 2014: 4}

GRADES = ("special", "first", "first", "second", "second", "merit", "encouragement")


def rows(scene: Scene, record: Record, units: Sequence[Unit], figures: Figures) -> list[Row]:
    """The rows of one kind for all years. `figures` are those of the units' own records: what an office checks."""
    if record.record == "past_result":
        return past_result(scene, record, units)
    maker = MAKERS.get(record.record)
    entries = maker(scene, units, figures) if maker else _few(scene, record, units)
    out = []
    for serial, entry in enumerate(entries, 1):
        given: dict[str, Value] = {"unit_code": entry.unit.short, "year": entry.day.year, **entry.cells}
        given = {k: v for k, v in given.items() if k in record.columns}
        row = generic.fill(scene, record, entry.day, serial, given)
        row.subject, row.marks = entry.unit.code, entry.marks
        out.append(row)
    return generic.distinct(record, out)


def _few(scene: Scene, record: Record, units: Sequence[Unit]) -> list[Entry]:
    """A few units a year, for a kind that has no maker."""
    years = [c.name for c in record.read_columns if c.type is ColumnType.YEAR]
    out = []
    for year in YEARS:
        alive = assessed.alive(units, year)
        for n, unit in enumerate(scene.rng.sample(alive, min(8, len(alive)))):
            day = date(year, 11, 5 + n)
            out.append(Entry(unit, day, dict.fromkeys(years, year), (Mark(record.record, day),)))
    return out


def past_result(scene: Scene, record: Record, units: Sequence[Unit]) -> list[Row]:
    """One row per unit and decided year, in the table of the year of the decision."""
    out = []
    for year in range(2010, 2015):
        decided = date(year + 1, 2, 20)
        alive = [u for u in units if u.lives_on(date(2011, 1, 1)) and u.lives_on(decided)]
        alive = [u for u in alive if u.lives_on(date(2015, 12, 31))]  # names must hold for the whole table
        order = scene.rng.sample(alive, len(alive))
        order.sort(key=lambda u: u.code != YONGCHUAN)  # first, and from there to its place
        order.insert(YONGCHUAN_PLACES[year] - 1, order.pop(0))
        for rank, unit in enumerate(order, 1):
            grade = GRADES[min(rank // 6, len(GRADES) - 1)]
            if unit.code == YONGCHUAN:  # its place says the same, where all units are in
                grade = "first" if year == 2010 else "special"
            given: dict[str, Value] = {
                "unit_code": unit.short,
                "year": year,
                "total_points": Decimal(105) - Decimal(rank) / 2,
                "group_rank": (rank + 1) // 2,
                "overall_rank": rank,
                "grade": grade,
                "decided_on": decided,
                "document_no": f"样总工发〔{year + 1}〕12号",
            }
            row = generic.fill(scene, record, decided, year * 100 + rank, given)
            row.subject = unit.code
            if grade == "special":
                row.marks = (Mark("special_grade_years", decided),)
            out.append(row)
    return out
