"""Small businesses founded and people helped into work.

Yongchuan: 786 businesses (a business supported twice is one) and 4,350 people (a person placed
twice is one).
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
from flows.sample import generic, people
from flows.sample.model import Mark, Row, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, Scene, codes

BUSINESSES = 786
PLACED = 4_350
AFTER = COUNTED_TO + timedelta(days=1)


def micro_enterprise(scene: Scene, record: Record) -> list[Row]:
    """One row per support. A business with a loan and a training is one business."""
    count = BUSINESSES if scene.is_yongchuan else scene.rng.randint(6, 15)
    days = scene.days(count, FIRST, date(2015, 9, 10))
    out = []
    kinds = ("returnee", "laid_off", "model", "graduate")
    for n, day in enumerate(days):
        founded = day
        out.append(_support(scene, record, n, n, founded, founded + timedelta(days=15), "loan", kinds[n % 4]))
        if n % 8 == 0:
            out.append(
                _support(
                    scene,
                    record,
                    1_000 + n,
                    n,
                    founded,
                    founded + timedelta(days=40),
                    "training",
                    kinds[n % 4],
                )
            )
    if scene.is_yongchuan:
        for n in range(21):
            day = scene.day(AFTER, date(2015, 12, 1))
            out.append(
                _support(
                    scene,
                    record,
                    3_000 + n,
                    3_000 + n,
                    day,
                    day + timedelta(days=10),
                    "subsidy",
                    kinds[n % 4],
                )
            )
    return generic.distinct(record, out)


def _support(
    scene: Scene, record: Record, n: int, business: int, founded: date, granted: date, support: str, kind: str
) -> Row:
    town = scene.unit.towns[business % len(scene.unit.towns)] if scene.unit.towns else None
    given: dict[str, Value] = {
        "enterprise_name": f"{scene.unit.short}样例微型企业{business:04d}店",
        "founder_kind": kind,
        "founder": people.name(60_000 + business),
        "person_id": scene.citizen(1_200_000 + business),
        "town": town,
        "credit_code": None,
        "registered_on": founded,
        "applied_on": founded,
        "granted_on": granted,
        "support_kind": support,
        "loan_yuan": (50_000 + business % 6 * 10_000) if support == "loan" else 2_000,
        "jobs_people": 1 + business % 7,
        "status": "closed" if business % 23 == 5 else "operating",
    }
    row = generic.fill(scene, record, granted, n + 1, given)
    row.marks = (Mark("micro_enterprises", granted, category=kind, subject=f"{scene.unit.code}/{business}"),)
    return row


def reemployment(scene: Scene, record: Record) -> list[Row]:
    """One row per placement. A person placed again later is one person."""
    count = PLACED if scene.is_yongchuan else scene.rng.randint(10, 30)
    out = []
    for n, day in enumerate(scene.days(count)):
        out.append(_placement(scene, record, n, n, day))
        if (
            n % 40 == 0
            and day + timedelta(days=200) <= COUNTED_TO
            and scene.unit.lives_on(day + timedelta(days=200))
        ):
            out.append(_placement(scene, record, 10_000 + n, n, day + timedelta(days=200)))
    if scene.is_yongchuan:
        for n in range(95):
            out.append(_placement(scene, record, 20_000 + n, 6_000 + n, scene.day(AFTER, LAST)))
    return out


def _placement(scene: Scene, record: Record, n: int, who: int, day: date) -> Row:
    person = scene.citizen(1_300_000 + who)
    given: dict[str, Value] = {
        "name": people.name(80_000 + who),
        "sex": people.sex_of(person),
        "person_id": person,
        "jobseeker_kind": codes("jobseeker_kind")[who % 5],
        "employer": f"{scene.unit.short}样例企业{who % 400:03d}",
        "employed_on": day,
        "post": "操作工",
        "has_contract": who % 6 != 0,
        "service": ("placement", "fair", "training")[who % 3],
        "monthly_wage_yuan": 1_800 + who % 12 * 100,
    }
    row = Row(given, ident=f"{scene.unit.code}/reemployment/{n}", on=day)
    row.marks = (Mark("reemployed_people", day, subject=f"{scene.unit.code}/{who}"),)
    return row
