"""Union funds and audit: one row a year and unit, with the rates that they imply."""

from __future__ import annotations

from datetime import date

from flows.contract.record import Record
from flows.sample import generic
from flows.sample.model import Mark, Row, Value
from flows.sample.scene import Scene


def union_funds(scene: Scene, record: Record) -> list[Row]:
    """Due and handed up, in yuan."""
    out = []
    for year in scene.lived_years():
        day = date(year, 12, 31)
        due = scene.rng.randint(40, 300) * 10_000
        up = due * scene.rng.randint(88, 104) // 100
        given: dict[str, Value] = {
            "year": year,
            "due_yuan": due,
            "handed_up_yuan": up,
            "collectible_yuan": due * 5 // 2,
            "collected_yuan": up * 5 // 2,
            "income_yuan": up * 3,
            "handed_up_pct": None,
            "collected_pct": None,
        }
        row = generic.fill(scene, record, day, year - 2010, given)
        row.marks = (Mark("funds_due_yuan", day, due), Mark("funds_handed_up_yuan", day, up))
        out.append(row)
    return out


def audit(scene: Scene, record: Record) -> list[Row]:
    """Bodies to be audited, audited, findings, corrected."""
    out = []
    for year in scene.lived_years():
        day = date(year, 12, 31)
        objects = scene.rng.randint(20, 120)
        audited = objects * scene.rng.randint(45, 100) // 100
        problems = scene.rng.randint(5, 30)
        rectified = problems - scene.rng.randint(0, 2)
        given: dict[str, Value] = {
            "year": year,
            "objects": objects,
            "audited": audited,
            "problems": problems,
            "rectified": rectified,
            "problem_yuan": None,
            "rectified_yuan": None,
        }
        row = generic.fill(scene, record, day, year - 2010, given)
        row.marks = (
            Mark("audit_objects", day, objects),
            Mark("audited", day, audited),
            Mark("audit_problems", day, problems),
            Mark("audit_rectified", day, rectified),
        )
        out.append(row)
    return out
