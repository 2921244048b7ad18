"""Disputes: mediation, legal aid and wages recovered, with what a careless count would add.

Yongchuan: 1,650 cases mediated with success and 938 aided; the sums in dispute of both together lie
in the article's interval, where an aid case that continues a mediation case adds nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
from flows.sample import people
from flows.sample.model import Mark, Raw, Row, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, Scene, amounts, codes

MEDIATED = 1_650
#: Sum in dispute of Yongchuan's successful mediations.
MEDIATED_YUAN = 21_268_000


def mediation(scene: Scene, record: Record) -> list[Row]:
    """Cases by day of acceptance. Counted: closed with an agreement, by the day closed."""
    rng = scene.rng
    agreed = MEDIATED if scene.is_yongchuan else rng.randint(15, 60)
    total = MEDIATED_YUAN if scene.is_yongchuan else agreed * rng.randint(8, 20) * 1_000
    out: list[Row] = []
    accepted = scene.days(agreed, FIRST, COUNTED_TO - timedelta(days=14))
    for day, yuan in zip(accepted, amounts(rng, total, agreed, 100), strict=True):
        out.append(_case(scene, day, "agreed", yuan, day + timedelta(days=rng.randrange(14))))
    if scene.is_yongchuan:
        _the_injury_case(out)
        for day in scene.days(28, COUNTED_TO + timedelta(days=1), LAST - timedelta(days=10)):
            out.append(_case(scene, day, "agreed", 12_000, day + timedelta(days=rng.randrange(10))))
    others = [c for c in codes("mediation_result") if c not in ("agreed", "pending")]
    for day in scene.days(max(4, agreed // 5), FIRST, LAST - timedelta(days=20)):
        out.append(
            _case(scene, day, rng.choice(others), rng.randrange(20, 400) * 100, day + timedelta(days=14))
        )
    out.sort(key=lambda row: str(row.values["accepted_on"]))
    _number(scene, out)
    return out + _rejected(scene) + _told_twice(scene, out)


def _case(scene: Scene, day: date, result: str, yuan: int, closed: date) -> Row:
    rng = scene.rng
    closed = min(closed, scene.unit.valid_to)  # nobody closes a case for a unit that is gone
    n = scene.person(rng.randrange(15_000))
    person = scene.citizen(n)
    crowd = 30 if rng.random() < 0.02 else 1
    values: dict[str, Value] = {
        "accepted_on": day,
        "claimant": people.name(n),
        "sex": people.sex_of(person),
        "person_id": person,
        "phone": people.phone(n),
        "is_migrant": rng.random() < 0.6,
        "claimant_people": crowd,
        "employer": f"{scene.unit.short}样例企业{rng.randrange(400):03d}",
        "cause": rng.choice(codes("dispute_cause")),
        "claim": "样例请求",
        "amount_claimed_yuan": yuan,
        "mediator": people.name(rng.randrange(12)),
        "closed_on": closed,
        "result": result,
        "amount_paid_yuan": yuan * rng.randrange(5, 11) // 10 if result == "agreed" else None,
        "channel": rng.choice(codes("mediation_channel")),
    }
    marks = [] if result == "refused" else [Mark("mediation_accepted", day)]
    if result == "agreed":
        marks += [Mark("mediation_succeeded", closed), Mark("mediation_amount_yuan", closed, yuan)]
        marks.append(Mark("rights_amount_yuan", closed, yuan))
    return Row(values, marks=tuple(marks), on=day)


def _the_injury_case(rows: list[Row]) -> None:
    """One known case: injured at the end of 2014, applied in early August 2015, paid 40,000 yuan.

    It takes the place of an August case with a sum within reach, so that the total stands.
    """
    august = [r for r in rows if r.on and (r.on.year, r.on.month) == (2015, 8)]
    row = august[0]
    before = row.amount_of("amount_claimed_yuan")
    _reprice(row, 46_000)
    row.values |= {
        "cause": "injury",
        "amount_paid_yuan": 40_000,
        "is_migrant": True,
        "employer": "永川区吉安镇样例企业",
    }
    rest = 46_000 - before
    for other in rows:
        if other is row or rest <= 0:
            continue
        have = other.amount_of("amount_claimed_yuan")
        give = min(rest, max(0, have - 7_000) // 100 * 100)
        _reprice(other, have - give)
        rest -= give
    if rest:
        raise ValueError("no cases left to take the sum from")


def _reprice(row: Row, yuan: int) -> None:
    row.values["amount_claimed_yuan"] = yuan
    row.values["amount_paid_yuan"] = yuan * 7 // 10
    row.marks = tuple(Mark(m.figure, m.on, yuan) if m.figure.endswith("_yuan") else m for m in row.marks)


def _number(scene: Scene, rows: list[Row]) -> None:
    """Case numbers restart every year, as the registers do."""
    serial = dict.fromkeys(range(FIRST.year, LAST.year + 1), 0)
    for row in rows:
        serial[row.day.year] += 1
        row.values["case_no"] = f"{scene.unit.short[:2]}工调〔{row.day.year}〕{serial[row.day.year]:04d}号"
        row.ident = f"{scene.unit.code}/mediation/{row.day.year}/{serial[row.day.year]}"
        if row.values["result"] == "agreed":
            row.values["agreement_no"] = f"协议〔{row.day.year}〕{serial[row.day.year]:04d}"


def _rejected(scene: Scene) -> list[Row]:
    """Rows that must not count, each for a reason that the district is told."""
    faults: list[tuple[dict[str, Value], str]] = [
        ({"closed_on": date(2010, 3, 1)}, "closed_after_accepted"),
        ({"closed_on": None}, "agreed_has_close"),
        ({"result": Raw("基本成功")}, "code_unknown"),
        ({"case_no": None}, "missing"),
        ({"amount_claimed_yuan": Raw("2000美元")}, "money_foreign"),
        ({"closed_on": Raw("201*年5月6日")}, "date_masked"),
        ({"claimant_people": Raw("10余人")}, "count_approximate"),
    ]
    out = []
    for n, (change, issue) in enumerate(faults):
        if not scene.is_yongchuan and not scene.chance(0.4):
            continue
        day = scene.day(FIRST, LAST - timedelta(days=20))
        row = _case(scene, day, "agreed", 5_000, day + timedelta(days=5))
        row.values |= {"case_no": f"{scene.unit.short[:2]}工调〔{day.year}〕9{n:03d}号", **change}
        row.state, row.issues, row.marks = "rejected", (issue,), ()
        out.append(row)
    return out


def _told_twice(scene: Scene, rows: list[Row]) -> list[Row]:
    """The same case listed again in its table."""
    again = scene.rng.sample(rows, max(1, len(rows) // 60))
    return [Row(dict(r.values), "duplicate", ("duplicate_row",), (), r.ident, None, r.on) for r in again]
