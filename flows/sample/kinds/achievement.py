"""Labour competitions, who takes part in them, and skill contests.

Yongchuan: 120,000 participations (person-times), 25 district contests with 31,260 contestants
(people), coverage of 85 % of the employers that should hold competitions.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
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
