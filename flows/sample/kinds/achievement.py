"""Competitions, skill contests and honours.

Yongchuan: 120,000 participations (person-times), 25 district contests with 31,260 contestants
(people), coverage of 85 % of the employers that should hold competitions; honours of the federation
(5 national, 7 municipal) apart from those of workers (21, 22, 63, 5) and of unions (26, 21).
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.model import Record
from flows.sample import generic
from flows.sample.kinds.organisation import CONTEST_DUE, CONTEST_HELD, employer_name
from flows.sample.model import Faults, Mark, Raw, Row, Span, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, YEARS, Scene, amounts

PARTICIPATIONS = 120_000
CONTESTS = 25
CONTESTANTS = 31_260
TRADES = ("数控机床", "建筑工程", "客户服务", "旅游服务", "汽车维修", "餐饮服务", "电工", "焊工")
THEMES = ("重点产业", "重点工程", "重点行业", "重要区域", "安全生产", "节能减排", "优质服务", "技术创新")
AFTER = COUNTED_TO + timedelta(days=1)


def competitions(scene: Scene) -> list[tuple[str, Span]]:
    """Name and days of the unit's labour competitions, two of each theme a year at most."""
    rng, out = scene.rng, []
    for year in scene.lived_years():
        for theme in THEMES if scene.is_yongchuan else rng.sample(THEMES, 2):
            first = scene.day(date(year, 2, 1), date(year, 9, 20))
            out.append(
                (
                    f"{scene.unit.short}{theme}劳动竞赛",
                    Span(first, first + timedelta(days=rng.randrange(3, 30))),
                )
            )
    return out


def labour_competition(scene: Scene, record: Record) -> list[Row]:
    """One row per competition. A skill contest that is listed here too is a trap: it has its own register."""
    out = []
    dice = Scene(scene.unit, "competitions", scene.seed)
    for n, (name, held) in enumerate(competitions(dice), 1):
        given: dict[str, Value] = {
            "competition_name": name,
            "held": held,
            "kind": "labour",
            "level": "district",
            "competition_no": f"JS{n:03d}",
        }
        row = generic.fill(scene, record, held.first, n, given)
        row.marks = (Mark("labour_competitions", held.first),)
        out.append(row)
    if scene.is_yongchuan:
        for n, year in enumerate(YEARS):
            day = date(year, 8, 5)
            given = {
                "competition_name": f"{scene.unit.short}{TRADES[n]}技能比武",
                "held": Span(day, day),
                "kind": "skill",
            }
            out.append(generic.fill(scene, record, day, 900 + n, given))
    return out


def competition_participation(scene: Scene, record: Record) -> list[Row]:
    """Competition × employer. An employer in many competitions is covered once; its staff count each time."""
    rng = scene.rng
    held = competitions(Scene(scene.unit, "competitions", scene.seed))
    employers = list(range(CONTEST_HELD)) if scene.is_yongchuan else list(range(rng.randint(8, 20)))
    pairs = [(held[n % len(held)], e) for n, e in enumerate(employers)]
    seen = {(c[0], c[1].first, e) for c, e in pairs}
    while len(pairs) < len(employers) + len(employers) // 2:
        competition, employer = rng.choice(held), rng.choice(employers)
        if (competition[0], competition[1].first, employer) not in seen:
            seen.add((competition[0], competition[1].first, employer))
            pairs.append((competition, employer))
    times = (
        amounts(rng, PARTICIPATIONS, len(pairs))
        if scene.is_yongchuan
        else [rng.randint(5, 60) for _ in pairs]
    )
    out = []
    for n, (((name, days), employer), count) in enumerate(zip(pairs, times, strict=True), 1):
        given: dict[str, Value] = {
            "competition_name": name,
            "held": days,
            "employer": employer_name(scene.unit, employer),
            "participant_times": count,
            "staff_people": count + rng.randrange(400),
        }
        row = generic.fill(scene, record, days.first, n, given)
        row.marks = (
            Mark("competition_participant_times", days.first, count),
            Mark("contest_covered_employers", days.first, subject=str(employer)),
        )
        out.append(row)
    if scene.is_yongchuan:
        out += _participation_traps(scene, record)
    return out


def _participation_traps(scene: Scene, record: Record) -> list[Row]:
    """After the period: employers that first take part in late 2015; rows that must be rejected."""
    out = []
    for n in range(12):
        day = scene.day(AFTER, LAST - timedelta(days=5))
        employer = CONTEST_HELD + n if CONTEST_HELD + n < CONTEST_DUE else n
        given: dict[str, Value] = {
            "competition_name": f"{scene.unit.short}岁末安全劳动竞赛",
            "held": Span(day, day + timedelta(days=3)),
            "employer": employer_name(scene.unit, employer),
            "participant_times": 40,
            "staff_people": 300,
        }
        row = generic.fill(scene, record, day, 5_000 + n, given)
        row.marks = (
            Mark("competition_participant_times", day, 40),
            Mark("contest_covered_employers", day, subject=str(employer)),
        )
        out.append(row)
    faults: Faults = (
        ({"participant_times": 900, "staff_people": 90}, "participants_within_staff"),
        ({"employer": None}, "missing"),
        ({"held": Raw("2014年2月30日")}, "span_impossible"),
    )
    for n, (change, issue) in enumerate(faults):
        day = date(2014, 5, 6 + n)
        given = {
            "competition_name": "样例竞赛",
            "held": Span(day, day),
            "employer": f"不计企业{n}",
            "participant_times": 9,
        }
        row = generic.fill(scene, record, day, 6_000 + n, {**given, **change})
        row.state, row.issues = "rejected", (issue,)
        out.append(row)
    return out


def skill_contest(scene: Scene, record: Record) -> list[Row]:
    """Contests by trade. Contests of single enterprises are listed too and are not the district's."""
    rng = scene.rng
    count = CONTESTS if scene.is_yongchuan else rng.randint(3, 8)
    people = (
        amounts(rng, CONTESTANTS, count)
        if scene.is_yongchuan
        else [rng.randint(40, 200) for _ in range(count)]
    )
    out = []
    for n, (day, contestants) in enumerate(
        zip(scene.days(count, FIRST, COUNTED_TO - timedelta(days=4)), people, strict=True)
    ):
        row = _contest(scene, record, day, n, "district", contestants)
        row.marks = (Mark("skill_contests", day), Mark("skill_contestants", day, contestants))
        out.append(row)
    for n, day in enumerate(scene.days(count // 3 + 1)):
        out.append(_contest(scene, record, day, 500 + n, "base", 60))
    if scene.is_yongchuan:
        day = date(2015, 11, 18)
        row = _contest(scene, record, day, 800, "district", 700)
        row.marks = (Mark("skill_contests", day), Mark("skill_contestants", day, 700))
        out.append(row)
    return out


def _contest(scene: Scene, record: Record, day: date, n: int, level: str, contestants: int) -> Row:
    given: dict[str, Value] = {
        "contest_name": f"{scene.unit.short}{'企业' if level == 'base' else '职工'}技能大赛第{n + 1}场",
        "trade": TRADES[n % len(TRADES)],
        "level": level,
        "held": Span(day, day + timedelta(days=n % 3)) if day.day < 26 else Span(day, day),
        "contestants_people": contestants,
        "finalists_people": 20,
        "winners_people": 8,
    }
    return generic.fill(scene, record, day, n + 1, given)


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
        out += _five_good(scene, record) + _honour_traps(scene, record)
    return out


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
