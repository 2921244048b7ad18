"""Grants to students of needy families.

Yongchuan: 450 students at universities (people, although every fifth was aided twice) and 1.4
million yuan, a little of it for pupils of schools below; planned and returned grants are none.
"""

from __future__ import annotations

from datetime import date

from flows.contract.record import Record
from flows.sample import generic, people
from flows.sample.kinds.welfare import needy_id
from flows.sample.model import Faults, Mark, Raw, Row, Value
from flows.sample.scene import FIRST, Scene, amounts

STUDENTS = 450
STUDENT_MONEY = 1_418_000
SCHOOL_MONEY = 46_000


def student_aid(scene: Scene, record: Record) -> list[Row]:
    """One row per grant. A student aided in two years is one; schools below university do not count."""
    count = STUDENTS if scene.is_yongchuan else scene.rng.randint(5, 15)
    years = scene.lived_years()
    again = count // 5 if len(years) > 1 else 0
    grants = (
        amounts(scene.rng, STUDENT_MONEY, count + again, 100)
        if scene.is_yongchuan
        else [3_000] * (count + again)
    )
    out = []
    for n in range(count + again):
        student = n if n < count else n - count
        year = years[student % len(years)] if n < count else min(years[student % len(years)] + 1, years[-1])
        if n >= count and years[student % len(years)] == years[-1]:
            year = years[0]  # those first aided in the last year were aided in the first one as well
        out.append(
            _grant(
                scene, record, n, student, year, grants[n], ("bachelor", "college", "bachelor")[student % 3]
            )
        )
    pupils = amounts(scene.rng, SCHOOL_MONEY, 23, 100) if scene.is_yongchuan else [1_000]
    for n, yuan in enumerate(pupils):
        row = _grant(
            scene, record, 2_000 + n, 2_000 + n, years[n % len(years)], yuan, ("senior", "vocational")[n % 2]
        )
        row.marks = (
            Mark("student_aid_yuan", row.on or FIRST, yuan, category=str(row.values["school_level"])),
        )
        out.append(row)
    if scene.is_yongchuan:
        out += _student_traps(scene, record)
    return out


def _grant(scene: Scene, record: Record, n: int, student: int, year: int, yuan: int, level: str) -> Row:
    day = scene.day(date(year, 8, 15), date(year, 9, 28))
    born = date(1994 + student % 3, 6 + student % 6, 1 + student % 28)
    person = scene.citizen(student // 3 + scene.unit.number, born)
    parent = needy_id(scene, student)
    given: dict[str, Value] = {
        "student": people.name(40_000 + student),
        "person_id": person,
        "birth_on": born,
        "parent": people.name(900_000 + student),
        "parent_id": parent,
        "file_no": f"KN{scene.unit.division}{student:05d}",
        "school_level": level,
        "enrolment": "admitted" if n == student else "studying",
        "entry_year": min(year, 2013 + student % 3),
        "aid_year": year,
        "granted_on": day,
        "amount_yuan": yuan,
        "fund_source": "union",
        "payment_state": "paid" if n % 3 else None,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.marks = (
        Mark("students_aided", day, subject=f"{scene.unit.code}/{student}"),
        Mark("student_aid_yuan", day, yuan, category=level),
    )
    return row


def _student_traps(scene: Scene, record: Record) -> list[Row]:
    out = []
    for n in range(30):
        row = _grant(scene, record, 3_000 + n, 3_000 + n, 2011 + n % 5, 4_000, "bachelor")
        row.values["payment_state"], row.marks = ("planned", "returned")[n % 2], ()
        out.append(row)
    for n in range(6):
        row = _grant(scene, record, 3_100 + n, 3_100 + n, 2015, 3_000, "bachelor")
        row.on = row.values["granted_on"] = date(2015, 11, 5 + n)
        row.marks = (
            Mark("students_aided", row.on, subject=f"late/{n}"),
            Mark("student_aid_yuan", row.on, 3_000, category="bachelor"),
        )
        out.append(row)
    faults: Faults = (
        ({"student": None}, "missing"),
        ({"aid_year": Raw("201*年")}, "year_masked"),
        ({"amount_yuan": Raw("3000余元")}, "money_approximate"),
    )
    for n, (change, issue) in enumerate(faults):
        row = _grant(scene, record, 3_200 + n, 3_200 + n, 2014, 3_000, "bachelor")
        out.append(generic.rejected(row, change, issue))
    return out
