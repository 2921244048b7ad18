"""Unions, the employers that should have one, and contracts: the stocks and their denominators.

Yongchuan on 2015-09-30: 1,180 unions with 260,000 members of 284,000 staff (91.5 %), 146,000 of
them migrant workers; 2,232 of 2,400 due employers unionised (93 %); 1,020 of 1,200 employers that
should hold competitions do (85 %). Joint unions cover many employers and are one organisation each.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
from flows.sample import generic
from flows.sample.model import Faults, Mark, Raw, Row, Span, Value
from flows.sample.scene import FIRST, LAST, STOCK_ON, Scene, Unit, parts_of

UNIONS = 1_180
MEMBERS = 260_000
MIGRANT_MEMBERS = 146_000
STAFF = 284_000
EMPLOYERS_DUE = 2_400
EMPLOYERS_UNIONISED = 2_232
CONTEST_DUE = 1_200
CONTEST_HELD = 1_020
#: Snapshots of Yongchuan: day → share of the stock of 2015-09-30, in thousandths.
SNAPSHOTS = {
    date(2011, 12, 31): 760,
    date(2012, 12, 31): 830,
    date(2013, 12, 31): 900,
    date(2014, 12, 31): 955,
    STOCK_ON: 1_000,
    date(2015, 12, 31): 1_008,
}


def employer_name(unit: Unit, n: int) -> str:
    """The n-th employer of a unit, by its registered name."""
    return f"{unit.short}样例{'机械建材商贸物流服务'[n % 5 * 2 : n % 5 * 2 + 2]}有限公司{n:04d}号"


def snapshot_days(scene: Scene) -> dict[date, int]:
    """Days of the unit's snapshots; other units close a year once."""
    if scene.is_yongchuan:
        return SNAPSHOTS
    return {date(y, 12, 31): 800 + 50 * (y - 2011) for y in scene.lived_years()}


def union_organisation(scene: Scene, record: Record) -> list[Row]:
    """The register on each snapshot day: active unions, and dissolved ones that do not count."""
    out: list[Row] = []
    size = UNIONS if scene.is_yongchuan else scene.rng.randint(12, 30)
    for day, share in snapshot_days(scene).items():
        count = size * share // 1_000
        members = MEMBERS * share // 1_000 if scene.is_yongchuan else count * 180
        migrant = MIGRANT_MEMBERS * share // 1_000 if scene.is_yongchuan else count * 90
        staff = STAFF * share // 1_000 if scene.is_yongchuan else count * 200
        joint = count // 8
        covered = EMPLOYERS_UNIONISED * share // 1_000 - (count - joint) if scene.is_yongchuan else joint * 9
        cover = parts_of(covered, joint) if joint else []
        shares = zip(parts_of(members, count), parts_of(migrant, count), parts_of(staff, count), strict=True)
        for n, (m, g, s) in enumerate(shares):
            row = _union(scene, record, day, n, cover[n] if n < joint else 1, (m, g, s))
            row.marks = (
                Mark("union_organisations", day, stock=True),
                Mark("registered_members", day, m, stock=True),
                Mark("registered_staff", day, s, stock=True),
            )
            out.append(row)
        for n in range(max(1, count // 40)):
            row = _union(scene, record, day, count + 50 + n, 1, (0, 0, 30 + n))
            row.values["status"] = ("dissolved", "merged")[n % 2]
            out.append(row)
        out += _rejected_unions(scene, record, day)
    return out


def _union(
    scene: Scene, record: Record, day: date, n: int, covered: int, people: tuple[int, int, int]
) -> Row:
    members, migrant, staff = people
    name = employer_name(scene.unit, n)
    founded = date(1996 + n % 15, 1 + n % 12, 1 + n % 28)
    given: dict[str, Value] = {
        "union_name": f"{name}工会委员会" if covered == 1 else f"{scene.unit.short}第{n + 1}片区联合工会",
        "employer": name,
        "union_kind": "basic" if covered == 1 else "joint",
        "covered_employers": covered,
        "staff_people": staff,
        "women_staff_people": staff * 2 // 5,
        "migrant_staff_people": min(staff, migrant + migrant // 20),
        "member_people": members,
        "women_members_people": members * 3 // 8,
        "migrant_members_people": migrant,
        "established": Span(founded, founded),
        "parent_union": scene.unit.name,
        "status": "active" if n % 4 else None,
        "town": scene.unit.towns[n % len(scene.unit.towns)] if scene.unit.towns else None,
        "division_code": scene.unit.division,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.ident = f"{scene.unit.code}/union/{day}/{n}"
    return row


def _rejected_unions(scene: Scene, record: Record, day: date) -> list[Row]:
    out = []
    faults: Faults = (
        ({"member_people": 90, "staff_people": 60}, "members_within_staff"),
        ({"migrant_members_people": 900, "women_members_people": None}, "migrant_members_within_members"),
        ({"union_name": None}, "missing"),
        ({"staff_people": Raw("约200")}, "count_approximate"),
    )
    for n, (change, issue) in enumerate(faults):
        if scene.is_yongchuan or scene.chance(0.15):
            row = _union(scene, record, day, 9_000 + n, 1, (50, 20, 60))
            row.values |= change
            row.values["migrant_staff_people"] = row.values["women_staff_people"] = None
            row.state, row.issues = "rejected", (issue,)
            out.append(row)
    return out


def employer(scene: Scene, record: Record) -> list[Row]:
    """Employers on each snapshot day. Closed ones and those not due are listed and are no denominator."""
    out = []
    size = EMPLOYERS_DUE if scene.is_yongchuan else scene.rng.randint(20, 45)
    for day, share in snapshot_days(scene).items():
        if day.year < 2013:
            continue  # nobody kept such a register before
        due = size * share // 1_000
        unionised = EMPLOYERS_UNIONISED * share // 1_000 if scene.is_yongchuan else due * 9 // 10
        contest = CONTEST_DUE * share // 1_000 if scene.is_yongchuan else due // 2
        staff = parts_of(STAFF * share // 1_000 if scene.is_yongchuan else unionised * 120, unionised)
        members = parts_of(MEMBERS * share // 1_000 if scene.is_yongchuan else unionised * 110, unionised)
        for n in range(due):
            has = n < unionised
            people = (staff[n], members[n]) if has else (25, 0)
            row = _employer(scene, record, day, n, has, people, contest=n < contest)
            row.marks = (
                Mark("employers_due", day, stock=True),
                Mark("employers_unionised", day, int(has), stock=True),
                Mark("contest_due", day, int(n < contest), stock=True),
                Mark("unionised_staff", day, people[0] if has else 0, stock=True),
                Mark("unionised_members", day, people[1], stock=True),
            )
            out.append(row)
        for n in range(max(2, due // 30)):
            row = _employer(scene, record, day, due + 500 + n, False, (20, 0), contest=True)
            row.values |= {"status": "closed"} if n % 2 else {"is_due": False, "is_contest_due": False}
            out.append(row)
    return out


def _employer(
    scene: Scene, record: Record, day: date, n: int, has: bool, people: tuple[int, int], contest: bool
) -> Row:
    given: dict[str, Value] = {
        "employer": employer_name(scene.unit, n),
        "staff_people": people[0],
        "member_people": people[1],
        "migrant_staff_people": people[0] // 2,
        "is_due": True,
        "is_unionised": has,
        "union_name": f"{employer_name(scene.unit, n)}工会委员会" if has else None,
        "unionised": Span(date(2009, 6, 1), date(2009, 6, 30)) if has else None,
        "is_contest_due": contest,
        "has_contest": contest and n % 11 != 0,
        "status": "operating" if n % 3 else None,
        "town": scene.unit.towns[n % len(scene.unit.towns)] if scene.unit.towns else None,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.ident = f"{scene.unit.code}/employer/{day}/{n}"
    return row


def collective_contract(scene: Scene, record: Record) -> list[Row]:
    """Contracts by the day of signature; what stands on a day follows from the term of each."""
    rng, out = scene.rng, []
    count = 1_900 if scene.is_yongchuan else rng.randint(10, 25)
    for n in range(count):
        signed = scene.day(FIRST, LAST - timedelta(days=10))
        years = 1 if n % 3 else 3
        begins = signed + timedelta(days=1)
        ends = begins.replace(year=begins.year + years, day=min(begins.day, 28)) - timedelta(days=1)
        kind = ("general", "wage", "women", "safety")[n % 4]
        given: dict[str, Value] = {
            "employer": employer_name(scene.unit, n % (CONTEST_DUE if scene.is_yongchuan else 40)),
            "contract_kind": kind,
            "contract_scope": "single",
            "covered_employers": 1,
            "signed_on": signed,
            "term": None,
            "begins_on": begins,
            "ends_on": ends,
            "reviewed_on": signed,
            "wage_rise_pct": 8 if kind == "wage" else None,
        }
        row = generic.fill(scene, record, signed, n + 1, given)
        figure = {"general": "collective_contracts", "wage": "wage_agreements"}.get(kind)
        row.marks = (Mark(figure, begins, until=ends),) if figure else ()
        out.append(row)
    return generic.distinct(record, out)


def tripartite_meeting(scene: Scene, record: Record) -> list[Row]:
    """Two meetings a year."""
    out = []
    for n, day in enumerate(
        day for year in scene.lived_years() for day in (scene.day_in(year), scene.day_in(year))
    ):
        row = generic.fill(
            scene, record, day, n + 1, {"meeting_name": f"劳动关系三方协商会议第{n + 1}次会议"}
        )
        row.marks = (Mark("tripartite_meetings", day),)
        out.append(row)
    return out


def union_statistics(scene: Scene, record: Record) -> list[Row]:
    """A unit's own totals of a year; Yongchuan closes 2015 on 30 September."""
    out = []
    size = UNIONS if scene.is_yongchuan else scene.rng.randint(300, 900)
    for year in scene.lived_years():
        day = STOCK_ON if scene.is_yongchuan and year == 2015 else date(year, 12, 31)
        share = SNAPSHOTS[day] if scene.is_yongchuan else 800 + 50 * (year - 2011)
        members = (MEMBERS if scene.is_yongchuan else size * 210) * share // 1_000
        staff = (STAFF if scene.is_yongchuan else size * 230) * share // 1_000
        migrant = (MIGRANT_MEMBERS if scene.is_yongchuan else size * 100) * share // 1_000
        given: dict[str, Value] = {
            "unit_code": scene.unit.short,
            "year": None,
            "unions": size * share // 1_000,
            "covered_employers": size * share // 500,
            "staff_people": staff,
            "women_staff_people": staff * 2 // 5,
            "migrant_staff_people": migrant + migrant // 20,
            "members_people": members,
            "women_members_people": members * 3 // 8,
            "migrant_members_people": migrant,
        }
        row = generic.fill(scene, record, day, year - 2010, given)
        row.marks = (
            Mark("statistics_unions", day, size * share // 1_000, until=day),
            Mark("statistics_members", day, members, until=day),
        )
        out.append(row)
    return out
