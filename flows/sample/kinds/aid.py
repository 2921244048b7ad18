"""Legal aid, wages recovered, booklets and publicity of rights.

Yongchuan: 938 aided cases beside far more consultations; an aided case that goes on where a
mediation case ended carries the same sum in dispute, which must not be added twice. Wages recovered
away from home in five places. Two booklets of 25,000 copies each, 54,000 reprints, 18 large
consultations with 118,000 leaflets.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.catalogue import records
from flows.contract.record import Record
from flows.sample import generic, people
from flows.sample.kinds.rights import mediation
from flows.sample.model import Faults, Mark, Raw, Row, Span, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, Scene, amounts, codes, parts_of

AIDED = 938
CONTINUED = 120
#: Sum in dispute of the 818 cases that continue no mediation: with the mediated ones 39,468,000 yuan.
AIDED_YUAN = 18_200_000
RECOVERED_AWAY = 30_640_000
RECOVERED_HERE = 1_220_000
PLACES = ("青海省西宁市", "辽宁省大洼县", "河南省商丘市", "贵州省遵义市", "云南省昆明市")
AFTER = COUNTED_TO + timedelta(days=1)


def legal_aid(scene: Scene, record: Record) -> list[Row]:
    """Matters by day of application; consultations are listed among them and are not cases."""
    rng = scene.rng
    count = AIDED if scene.is_yongchuan else rng.randint(8, 30)
    continued = CONTINUED if scene.is_yongchuan else 2
    sums = (
        amounts(rng, AIDED_YUAN, count - continued, 100)
        if scene.is_yongchuan
        else [15_000] * (count - continued)
    )
    out = []
    for day, yuan in zip(scene.days(count - continued, FIRST, date(2015, 9, 20)), sums, strict=True):
        out.append(
            _aid(scene, record, day, yuan, rng.choice([c for c in codes("aid_kind") if c != "consultation"]))
        )
    for case in _mediated(scene, continued):
        day = case.day_of("closed_on") + timedelta(days=9)
        row = _aid(scene, record, day, case.amount_of("amount_claimed_yuan"), "enforcement")
        row.values |= {
            "mediation_case_no": case.values["case_no"],
            "mediation_year": case.day.year,
        }
        row.marks = tuple(m for m in row.marks if m.figure != "rights_amount_yuan")
        out.append(row)
    for day in scene.days(count * 2 // 3, FIRST, LAST):
        row = _aid(scene, record, day, 0, "consultation")
        row.values |= {"amount_claimed_yuan": None, "result": "done", "closed_on": day}
        row.marks = (Mark("legal_aid_consultations", day),)
        out.append(row)
    if scene.is_yongchuan:
        for day in scene.days(17, AFTER, LAST - timedelta(days=30)):
            out.append(_aid(scene, record, day, 16_000, "arbitration"))
    out.sort(key=lambda r: r.on or FIRST)
    _number(scene, out)
    return out + (_rejected_aid(scene, record) if scene.is_yongchuan else [])


def _mediated(scene: Scene, count: int) -> list[Row]:
    """Mediation cases whose agreement was not honoured, so that aid went on from them."""
    other = Scene(scene.unit, "mediation", scene.seed)
    rows = [
        r
        for r in mediation(other, records()["mediation"])
        if r.state == "accepted"
        and r.values["result"] == "agreed"
        and r.day_of("closed_on") < min(date(2015, 8, 1), scene.unit.valid_to - timedelta(days=60))
    ]
    return rows[:: max(1, len(rows) // count)][:count]


def _aid(scene: Scene, record: Record, day: date, yuan: int, kind: str) -> Row:
    rng = scene.rng
    closed = min(day + timedelta(days=rng.randrange(5, 35)), LAST, scene.unit.valid_to)
    n = scene.person(rng.randrange(15_000))
    given: dict[str, Value] = {
        "case_no": None,
        "accepted_on": day,
        "recipient": people.name(n),
        "person_id": scene.citizen(n),
        "recipient_people": 1 if rng.random() < 0.97 else 12,
        "employer": f"{scene.unit.short}样例企业{rng.randrange(400):03d}",
        "aid_kind": kind,
        "amount_claimed_yuan": yuan,
        "amount_recovered_yuan": yuan * 6 // 10,
        "closed_on": closed,
        "result": rng.choice(("won", "part_won", "mediated", "settled")),
        "mediation_case_no": None,
        "mediation_year": None,
    }
    row = generic.fill(scene, record, day, 1, given)
    row.marks = (
        Mark("legal_aid_cases", day),
        Mark("legal_aid_amount_yuan", day, yuan),
        Mark("rights_amount_yuan", day, yuan),
    )
    return row


def _number(scene: Scene, rows: list[Row]) -> None:
    serial: dict[int, int] = {}
    for row in rows:
        n = serial[row.day.year] = serial.get(row.day.year, 0) + 1
        row.values["case_no"] = f"{scene.unit.short[:2]}工援〔{row.day.year}〕{n:04d}号"
        row.ident = f"{scene.unit.code}/legal_aid/{row.day.year}/{n}"


def _rejected_aid(scene: Scene, record: Record) -> list[Row]:
    out = []
    faults: Faults = (
        ({"aid_kind": None}, "missing"),
        ({"aid_kind": Raw("精神支持")}, "code_unknown"),
        ({"closed_on": date(2011, 1, 3)}, "closed_after_accepted"),
        ({"accepted_on": Raw("2014年6月")}, "date_month_only"),
    )
    for n, (change, issue) in enumerate(faults):
        row = _aid(scene, record, date(2014, 6, 10 + n), 8_000, "arbitration")
        row.values |= {"case_no": f"援{n}", **change}
        row.state, row.issues, row.marks = "rejected", (issue,), ()
        out.append(row)
    return out


def wage_recovery(scene: Scene, record: Record) -> list[Row]:
    """Actions by the day wages were recovered; away from home and at home apart."""
    rng, out = scene.rng, []
    away, here = (47, 30) if scene.is_yongchuan else (2, 5)
    sums_away = amounts(rng, RECOVERED_AWAY, away, 1_000) if scene.is_yongchuan else [80_000] * away
    sums_here = amounts(rng, RECOVERED_HERE, here, 1_000) if scene.is_yongchuan else [30_000] * here
    days = scene.days(away + here)
    rng.shuffle(days)
    for n, (day, yuan) in enumerate(zip(days, sums_away + sums_here, strict=True)):
        place = PLACES[n % len(PLACES)] if n < away else f"重庆市{scene.unit.short}"
        out.append(_recovery(scene, record, day, n, place, n < away, yuan))
    if scene.is_yongchuan:
        for n in range(3):
            out.append(_recovery(scene, record, date(2015, 12, 3 + n), 300 + n, PLACES[n], True, 90_000))
        row = _recovery(scene, record, date(2013, 7, 4), 400, "陕西省榆林市", True, 50_000)
        row.values |= {"migrant_people": 900}
        row.state, row.issues, row.marks = "rejected", ("migrants_within_workers",), ()
        out.append(row)
    return out


def _recovery(scene: Scene, record: Record, day: date, n: int, place: str, is_away: bool, yuan: int) -> Row:
    given: dict[str, Value] = {
        "recovered_on": day,
        "is_out_of_district": is_away,
        "place": place,
        "project": f"样例工程{n:03d}标段",
        "employer": f"样例建筑劳务公司{n:03d}",
        "workers_people": 20 + n,
        "migrant_people": 15 + n,
        "owed_yuan": yuan + n * 1_000,
        "recovered_yuan": yuan,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.marks = (Mark("wage_recovered_yuan", day, yuan, category="区外" if is_away else "区内"),)
    if is_away:
        row.marks += (
            Mark("wage_recovered_out_yuan", day, yuan),
            Mark("wage_recovery_places", day, subject=place),
        )
    return row


#: title, way of printing, copies of Yongchuan
BOOKS = (
    ("《外出务工小手册》", "compiled", 25_000),
    ("《职工（农民工）维权手册》", "compiled", 25_000),
    ("《劳动合同法》", "reprinted", 24_000),
    ("《工会法》", "reprinted", 18_000),
    ("《劳动争议调解仲裁法》", "reprinted", 12_000),
)


def publication(scene: Scene, record: Record) -> list[Row]:
    """A row per title and print run; books that were bought are neither compiled nor reprinted."""
    out: list[Row] = []
    for title, kind, copies in BOOKS:
        runs = parts_of(copies, 3) if scene.is_yongchuan else [500]
        for run, part in enumerate(runs):
            years = scene.lived_years() or [2011]
            month = date(years[(run * 2 + len(out)) % len(years)], 2 + run * 3, 1)
            out.append(_book(scene, record, title, kind, part, month, len(out)))
    out.append(_book(scene, record, "《安全生产知识读本》", "purchased", 3_000, date(2013, 6, 1), 90))
    if scene.is_yongchuan:
        out.append(_book(scene, record, "《外出务工小手册》", "compiled", 4_000, date(2015, 12, 1), 91))
        bad = _book(scene, record, "《外出务工小手册》", "compiled", 0, date(2014, 4, 1), 92)
        bad.state, bad.issues, bad.marks = "rejected", ("has_copies",), ()
        many = _book(scene, record, "《女职工手册》", "compiled", 1, date(2014, 4, 1), 93)
        many.values["copies"], many.marks = Raw("5000余"), ()
        many.state, many.issues = "rejected", ("count_approximate",)
        out += [bad, many]
    return [r for r in out if scene.unit.lives_on(r.on or FIRST)]


def _book(scene: Scene, record: Record, title: str, kind: str, copies: int, month: date, n: int) -> Row:
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    given: dict[str, Value] = {
        "title": title,
        "kind": kind,
        "printed": Span(month, last),
        "run": None,
        "copies": copies,
        "issued_copies": None,
        "cost_yuan": copies * 2,
    }
    row = generic.fill(scene, record, month, n + 1, given)
    name = title.strip("《》").replace("（", "(").replace("）", ")")
    figure = {"compiled": "publication_copies", "reprinted": "reprinted_copies"}.get(kind)
    row.marks = (Mark(figure, month, copies, category=name),) if figure else ()
    return row


def publicity_event(scene: Scene, record: Record) -> list[Row]:
    """Large consultations, one session each; lectures and media are listed too and are none."""
    rng = scene.rng
    count = 18 if scene.is_yongchuan else rng.randint(2, 6)
    leaflets = amounts(rng, 118_000, count, 100) if scene.is_yongchuan else [800] * count
    out = []
    for n, (day, copies) in enumerate(zip(scene.days(count), leaflets, strict=True)):
        out.append(_event(scene, record, day, n, "consultation", True, copies))
    for n, day in enumerate(scene.days(count)):
        out.append(
            _event(scene, record, day, 300 + n, ("lecture", "media", "contest")[n % 3], n % 2 == 0, None)
        )
    for n, day in enumerate(scene.days(count // 3)):
        out.append(_event(scene, record, day, 400 + n, "consultation", False, None))
    if scene.is_yongchuan:
        out.append(_event(scene, record, date(2015, 12, 4), 500, "consultation", True, 6_000))
        none = _event(scene, record, date(2014, 9, 4), 501, "consultation", True, None)
        none.values["sessions"] = 0
        none.state, none.issues, none.marks = "rejected", ("has_session",), ()
        out.append(none)
    return out


def _event(
    scene: Scene, record: Record, day: date, n: int, form: str, is_large: bool, leaflets: int | None
) -> Row:
    given: dict[str, Value] = {
        "event_name": f"{scene.unit.short}职工维权宣传活动{n + 1:03d}",
        "form": form,
        "is_large": is_large,
        "held": Span(day, day),
        "sessions": 1,
        "leaflets_copies": leaflets,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    marks = [Mark("leaflets_copies", day, leaflets)] if leaflets else []
    if form == "consultation" and is_large:
        marks.append(Mark("consultation_events", day))
    row.marks = tuple(marks)
    return row
