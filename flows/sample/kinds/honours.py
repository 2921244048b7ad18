"""Honours: whose they are, of what level, and whether they still stand.

Yongchuan: of the federation itself 5 national and 7 municipal ones (its own model home among them);
of workers and teams 21, 22, 63 and 5; of unions 26 homes and 21 groups; the district committee's
title three years running. Titles of the district, revoked ones and those of another period stand
in the same lists.
"""

from __future__ import annotations

from datetime import date

from flows.contract.record import Record
from flows.sample import generic
from flows.sample.model import Faults, Mark, Raw, Row, Span, Value
from flows.sample.scene import COUNTED_TO, Scene

#: figure → (title, level, owner, how many) of Yongchuan in the counted period.
HONOURS: tuple[tuple[str, str, str, str, int], ...] = (
    ("federation_honours_national", "advanced_collective", "national", "federation", 3),
    ("federation_honours_national", "special_commendation", "national", "federation", 2),
    ("federation_honours_municipal", "model_home", "municipal", "federation", 1),
    ("federation_honours_municipal", "special_commendation", "municipal", "federation", 4),
    ("federation_honours_municipal", "advanced_collective", "municipal", "federation", 2),
    ("model_workers", "model_worker", "national", "person", 3),
    ("model_workers", "model_worker", "municipal", "person", 13),
    ("model_workers", "advanced_worker", "municipal", "person", 5),
    ("may_day_medals", "may_day_medal", "national", "person", 2),
    ("may_day_medals", "may_day_medal", "municipal", "person", 13),
    ("may_day_medals", "may_day_certificate", "national", "employer", 1),
    ("may_day_medals", "may_day_certificate", "municipal", "employer", 6),
    ("worker_pioneers", "worker_pioneer", "national", "team", 9),
    ("worker_pioneers", "worker_pioneer", "municipal", "team", 54),
    ("women_pioneers_national", "women_pioneer_post", "national", "team", 3),
    ("women_pioneers_national", "women_pioneer", "national", "person", 2),
    ("model_homes", "model_home", "national", "union", 4),
    ("model_homes", "model_home", "municipal", "union", 22),
    ("model_groups", "model_group", "national", "team", 3),
    ("model_groups", "model_group", "municipal", "team", 18),
)
#: Figures whose categories are titles; those of the others are levels.
_BY_TITLE = frozenset({"may_day_medals", "women_pioneers_national"})
#: What lists of honours hold besides: other titles, other levels. (title, level, owner, how many)
UNCOUNTED = (
    ("model_home", "district", "union", 31),
    ("model_group", "district", "team", 24),
    ("worker_pioneer", "district", "team", 40),
    ("women_pioneer_post", "municipal", "team", 11),
    ("women_pioneer", "municipal", "person", 7),
    ("most_beautiful_worker", "district", "person", 20),
    ("special_commendation", "district", "federation", 5),
    ("excellent_union_worker", "municipal", "person", 12),
)


def honour(scene: Scene, record: Record) -> list[Row]:
    """Honours by the day of the award; only valid ones of the right owner and level count."""
    rng = scene.rng
    out: list[Row] = []
    for figure, title, level, owner, count in HONOURS:
        for n in range(count if scene.is_yongchuan else rng.randint(0, max(1, count // 6))):
            day = _award_day(scene, owner, n)
            row = _honour(scene, record, title, level, owner, len(out), day)
            row.marks = (Mark(figure, day, category=_category(figure, title, level)),)
            if (title, owner) == ("model_home", "federation"):
                row.marks += (Mark("federation_model_home", day, category=level),)
            out.append(row)
    for title, level, owner, count in UNCOUNTED:
        for n in range(count if scene.is_yongchuan else rng.randint(0, 3)):
            day = _award_day(scene, owner, n)
            out.append(_honour(scene, record, title, level, owner, len(out), day))
    if scene.is_yongchuan:
        return out + _five_good(scene, record) + _honour_traps(scene, record)
    return generic.distinct(record, out)  # a federation that lived one year only got a title once


def _category(figure: str, title: str, level: str) -> str | None:
    if figure.startswith("federation_honours"):
        return None
    return title if figure in _BY_TITLE else level


def _award_day(scene: Scene, owner: str, n: int) -> date:
    """A federation holds a title of a level once a year at most: its years follow one another."""
    if owner != "federation":
        return scene.day(date(2011, 1, 5), COUNTED_TO)
    years = scene.lived_years() or [2011]
    year = years[n % len(years)]
    return scene.day(date(year, 1, 5), date(year, 10, 20))


def _honour(
    scene: Scene,
    record: Record,
    title: str,
    level: str,
    owner: str,
    n: int,
    day: date,
    status: str | None = "valid",
) -> Row:
    awarders = {"national": "中华全国总工会", "municipal": "重庆市总工会", "district": "区委区政府"}
    name = {
        "federation": scene.unit.name,
        "person": f"例职工{n:04d}",
        "union": f"{scene.unit.short}样例企业{n:03d}工会委员会",
        "employer": f"{scene.unit.short}样例企业{n:03d}",
    }.get(owner, f"样例车间{n:03d}班组")
    given: dict[str, Value] = {
        "title": title,
        "level": level,
        "owner": owner,
        "recipient": name,
        "workplace": None if owner == "federation" else f"{scene.unit.short}样例企业{n:03d}",
        "awarder": awarders[level],
        "awarded": Span(day, day),
        "work_year": day.year - 1 if day.month < 7 else day.year,
        "document_no": f"样工发〔{day.year}〕{n + 1}号",
        "status": status if n % 3 else None,
    }
    return generic.fill(scene, record, day, n + 1, given)


def _five_good(scene: Scene, record: Record) -> list[Row]:
    """The district committee's title for three years running, and once before a gap."""
    out = []
    for n, year in enumerate((2010, 2012, 2013, 2014)):
        day = date(year + 1, 3, 10)
        row = _honour(scene, record, "five_good_team", "district", "federation", 700 + n, day)
        row.values |= {"work_year": year, "awarder": "中共永川区委"}
        row.marks = (Mark("five_good_team_years", day),) if year >= 2012 else ()
        out.append(row)
    return out


def _honour_traps(scene: Scene, record: Record) -> list[Row]:
    """Revoked ones, ones from before the period in a later list, ones after it, unknown titles."""
    out = []
    for n, (title, level, owner) in enumerate(
        (
            ("worker_pioneer", "municipal", "team"),
            ("model_home", "municipal", "union"),
            ("may_day_medal", "municipal", "person"),
        )
    ):
        row = _honour(scene, record, title, level, owner, 800 + n, date(2013, 4, 27))
        row.values["status"] = "revoked"
        out.append(row)
        old = _honour(scene, record, title, level, owner, 820 + n, date(2010, 4, 27))
        old.on = date(2011, 4, 1)  # listed in the first year's table all the same
        out.append(old)
        late = _honour(scene, record, title, level, owner, 840 + n, date(2015, 12, 8))
        figure = {"worker_pioneer": "worker_pioneers", "model_home": "model_homes"}.get(
            title, "may_day_medals"
        )
        late.marks = (Mark(figure, date(2015, 12, 8), category=title if figure in _BY_TITLE else level),)
        out.append(late)
    faults: Faults = (
        ({"title": Raw("优秀样例奖杯")}, "code_unknown"),
        ({"recipient": None}, "missing"),
        ({"work_year": 2016}, "awarded_after_work"),
    )
    for n, (change, issue) in enumerate(faults):
        row = _honour(scene, record, "worker_pioneer", "municipal", "team", 860 + n, date(2014, 4, 28))
        out.append(generic.rejected(row, change, issue))
    return out
