"""Needy workers: their files, and the money and goods they are given.

Yongchuan: 14,000 visits (person-times) to needy workers and 6.4 million yuan of money given; every
open file visited.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
from flows.sample import generic, people
from flows.sample.kinds.organisation import snapshot_days
from flows.sample.model import Faults, Mark, Raw, Row, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, Scene, amounts

VISITS = 14_000
GROUP_LINES = 20  # of the visits, lines that stand for 15 people each
NEEDY_MONEY = 6_412_000
OTHER_MONEY = 63_000
ON_FILE = 3_200
AFTER = COUNTED_TO + timedelta(days=1)


def needy_id(scene: Scene, n: int) -> str:
    """The citizen ID of the n-th needy worker of a unit: files, visits and student aid share them."""
    return scene.citizen(900_000 + n)


def _needy_size(scene: Scene) -> int:
    return ON_FILE if scene.is_yongchuan else 8 + scene.unit.number % 9


def needy_worker(scene: Scene, record: Record) -> list[Row]:
    """Files on each snapshot day; removed ones stand beside the open ones and do not count."""
    out = []
    size = _needy_size(scene)
    for day, share in snapshot_days(scene).items():
        if scene.is_yongchuan and day.year < 2014:
            continue
        count = size * share // 1_000
        for n in range(count):
            row = _file(scene, record, day, n, "open" if n % 3 else None)
            row.marks = (Mark("needy_on_file", day, stock=True),)
            out.append(row)
        for n in range(max(1, count // 20)):
            out.append(_file(scene, record, day, 5_000 + n, ("relieved", "removed")[n % 2]))
    return out


def _file(scene: Scene, record: Record, day: date, n: int, state: str | None) -> Row:
    person = needy_id(scene, n)
    monthly, household = 300 + n % 7 * 40, 2 + n % 4
    opened = date(2010, 1 + n % 12, 1 + n % 28)
    given: dict[str, Value] = {
        "file_no": f"KN{scene.unit.division}{n:05d}",
        "name": people.name(900_000 + n),
        "person_id": person,
        "birth_on": people.birth_of(person),
        "opened_on": opened,
        "relieved_on": date(2014, 6, 1) if state == "relieved" else None,
        "household_people": household,
        "monthly_per_head_yuan": monthly,
        "family_annual_income_yuan": monthly * 12 * household,
        "own_monthly_income_yuan": monthly,
        "family_other_income_yuan": 0,
        "main_cause": "illness" if n % 3 else "schooling",
        "hardship_category": ("dibao_household", "dibao_edge", "accident_household")[n % 3],
        "work_start": None,
        "is_relief_target": None,
        "relief_group": None,
        "relief_measure": None,
        "file_state": state,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.ident = f"{scene.unit.code}/needy/{day}/{n}"
    return row


def consolation(scene: Scene, record: Record) -> list[Row]:
    """One line per gift. Visits to needy workers are person-times; planned and returned gifts are none."""
    if not scene.is_yongchuan:
        return _small_consolation(scene, record)
    rng = scene.rng
    lines = VISITS - GROUP_LINES * 15
    money = amounts(rng, NEEDY_MONEY - GROUP_LINES * 3_000, lines, 10)
    out, seen = [], set()
    for n in range(lines):
        who = n % ON_FILE if n < ON_FILE + 40 else rng.randrange(ON_FILE + 400)
        day = scene.day(FIRST, COUNTED_TO)
        while (who, day) in seen:
            day = scene.day(FIRST, COUNTED_TO)
        seen.add((who, day))
        out.append(_visit(scene, record, day, n, who, money[n]))
    for n in range(GROUP_LINES):
        out.append(_group(scene, record, scene.day(FIRST, COUNTED_TO), n, "needy", 15, 3_000))
    for n, yuan in enumerate(amounts(rng, OTHER_MONEY, 63, 100)):
        out.append(
            _group(
                scene,
                record,
                scene.day(FIRST, COUNTED_TO),
                100 + n,
                ("model", "frontline", "enterprise")[n % 3],
                8,
                yuan,
            )
        )
    return out + _gift_traps(scene, record)


def _visit(
    scene: Scene, record: Record, day: date, n: int, who: int, yuan: int, state: str | None = "paid"
) -> Row:
    festival = {1: "spring", 2: "spring", 5: "labour", 9: "mid_autumn", 10: "national"}.get(
        day.month, "everyday"
    )
    given: dict[str, Value] = {
        "given_on": day,
        "festival": festival,
        "beneficiary_kind": "needy",
        "name": people.name(900_000 + who),
        "person_id": needy_id(scene, who),
        "employer": f"{scene.unit.short}样例企业{who % 400:03d}",
        "hardship_category": ("dibao_household", "dibao_edge", "accident_household")[who % 3],
        "reached_people": 1,
        "household_count": None,
        "amount_yuan": yuan,
        "goods": None,
        "goods_quantity": None,
        "goods_yuan": None,
        "total_yuan": None,
        "fund_source": ("central", "local", "union")[n % 3],
        "payment_state": state if n % 4 or state != "paid" else None,
        "account_no": None,
        "bank": None,
        "address": None,
        "phone": None,
        "remark": None,
    }
    row = Row(given, ident=f"{scene.unit.code}/consolation/{n}", on=day)
    if state == "paid":
        row.marks = (
            Mark("consolation_visits", day),
            Mark("consolation_money_yuan", day, yuan, category="needy"),
        )
    return row


def _group(scene: Scene, record: Record, day: date, n: int, kind: str, reached: int, yuan: int) -> Row:
    row = _visit(scene, record, day, 20_000 + n, n, yuan)
    row.values |= {
        "beneficiary_kind": kind,
        "name": None,
        "person_id": None,
        "hardship_category": None,
        "employer": f"{scene.unit.short}样例企业{n:03d}",
        "reached_people": reached,
    }
    marks = [Mark("consolation_money_yuan", day, yuan, category=kind)]
    row.marks = tuple(marks + ([Mark("consolation_visits", day, reached)] if kind == "needy" else []))
    return row


def _gift_traps(scene: Scene, record: Record) -> list[Row]:
    """Planned and returned gifts, goods without money, visits after the period, unreadable amounts."""
    rng, out = scene.rng, []
    for n in range(260):
        row = _visit(
            scene,
            record,
            scene.day(FIRST, COUNTED_TO),
            30_000 + n,
            9_000 + n,
            500,
            ("planned", "returned")[n % 2],
        )
        out.append(row)
    for n in range(300):
        row = _group(scene, record, scene.day(FIRST, COUNTED_TO), 400 + n, "frontline", 30, 0)
        row.values |= {
            "amount_yuan": None,
            "goods": "防暑药品",
            "goods_quantity": "30份",
            "goods_yuan": 1_500,
        }
        row.marks = (Mark("consolation_goods_yuan", row.on or FIRST, 1_500),)
        out.append(row)
    for n in range(180):
        out.append(
            _visit(
                scene,
                record,
                scene.day(AFTER, LAST),
                40_000 + n,
                rng.randrange(ON_FILE // 9) * 9 + n % 9,
                480,
            )
        )
    faults: Faults = (
        ({"amount_yuan": Raw("500美元")}, "money_foreign"),
        ({"given_on": Raw("2013.2.30")}, "date_impossible"),
        ({"given_on": Raw("2014年春节")}, "date_unreadable"),
        ({"given_on": None}, "missing"),
        ({"beneficiary_kind": Raw("样例人群")}, "code_unknown"),
    )
    for n, (change, issue) in enumerate(faults * 3):
        row = _visit(scene, record, scene.day(FIRST, COUNTED_TO), 50_000 + n, 9_500 + n, 500)
        out.append(generic.rejected(row, change, issue))
    return generic.distinct(record, out)


def _small_consolation(scene: Scene, record: Record) -> list[Row]:
    out = []
    for year in scene.lived_years():
        for n in range(scene.rng.randint(6, 14)):
            day = scene.day_in(year)
            out.append(_visit(scene, record, day, year * 100 + n, n, scene.rng.randrange(3, 12) * 100))
        out.append(_visit(scene, record, scene.day_in(year), year * 100 + 90, 90, 500, "planned"))
        row = _group(scene, record, scene.day_in(year), year * 100 + 95, "frontline", 20, 1_000)
        out.append(row)
    return generic.distinct(record, out)
