"""What the city office sends about all units: the assessment's own records, and results of past years.

Yongchuan: first prize for 2010, then the special prize for 2011 to 2014, four years running.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flows.contract.model import ColumnType, Record
from flows.sample import generic
from flows.sample.model import Mark, Row, Span, Value
from flows.sample.scene import YONGCHUAN, Scene, Unit

GRADES = ("special", "first", "first", "second", "second", "merit", "encouragement")


def rows(scene: Scene, record: Record, units: list[Unit], indicators: list[str]) -> list[Row]:
    """A few rows a year about some units each; past results about all."""
    if record.record == "past_result":
        return past_result(scene, record, units)
    needs_indicator = any(c.type is ColumnType.INDICATOR and c.required for c in record.columns.values())
    if needs_indicator and not indicators:
        return []
    out = []
    for year in range(2011, 2016):
        alive = [u for u in units if u.lives_on(date(year, 12, 31))]
        for n, unit in enumerate(scene.rng.sample(alive, min(8, len(alive)))):
            day = date(year, 11, 5 + n)
            row = generic.fill(
                scene,
                record,
                day,
                (year - 2011) * 100 + n + 1,
                _given(scene, record, unit, year, day, indicators, n),
            )
            row.subject = unit.code
            row.marks = (Mark(record.record, day),)
            out.append(row)
    return generic.distinct(record, out)


def _given(
    scene: Scene, record: Record, unit: Unit, year: int, day: date, indicators: list[str], n: int
) -> dict[str, Value]:
    given: dict[str, Value] = {"unit_code": unit.short, "year": year}
    for column in record.read_columns:
        if column.type is ColumnType.INDICATOR and indicators:
            given[column.name] = indicators[(year * 7 + n) % len(indicators)] if column.required else None
        elif column.type is ColumnType.YEAR:
            given[column.name] = year
    wanted = _consistent(year, day, n).get(record.record, {})
    return given | {k: v for k, v in wanted.items() if k in record.columns}


def _consistent(year: int, day: date, n: int) -> dict[str, dict[str, Value]]:
    """Cells that belong together by rules of their kind."""
    number = f"〔{year}〕{n}号"
    return {
        "appeal": {
            "ruling": "rejected",
            "filed_on": day,
            "ruled_on": day,
            "document_no": f"样裁{number}",
            "ruled_figure": None,
            "ruled_points": None,
            "indicator": None,
            "item": "维权机制",
        },
        "rater_score": {
            "points": 80 + n,
            "full_points": 100,
            "opinion": None,
            "item": "维权机制",
            "rater_group": "department",
        },
        "late_excuse": {
            "due_on": date(year, 1, 20),
            "excused_until_on": date(year, 2, 20),
            "is_granted": True,
            "report_period": Span(date(year, 1, 1), date(year, 1, 31)),
        },
        "veto_event": {
            "status": "active",
            "lifted_on": None,
            "occurred": Span(day, day),
            "decided_on": day,
            "document_no": f"样认{number}",
        },
        "bonus_application": {
            "claimed_points": Decimal("0.5"),
            "granted_points": Decimal("0.5"),
            "document_no": f"样奖{number}",
            "matter": f"样例事项{n}",
        },
        "deduction": {"points": Decimal("0.2"), "item": "基础工作", "document_no": f"样扣{number}"},
    }


def past_result(scene: Scene, record: Record, units: list[Unit]) -> list[Row]:
    """One row per unit and decided year, in the table of the year of the decision."""
    out = []
    for year in range(2010, 2015):
        decided = date(year + 1, 2, 20)
        alive = [u for u in units if u.lives_on(date(2011, 1, 1)) and u.lives_on(decided)]
        alive = [u for u in alive if u.lives_on(date(2015, 12, 31))]  # names must hold for the whole table
        for rank, unit in enumerate(scene.rng.sample(alive, len(alive)), 1):
            grade = GRADES[min(rank // 6, len(GRADES) - 1)]
            if unit.code == YONGCHUAN:
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
