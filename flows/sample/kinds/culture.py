"""Culture, libraries, books given, and the training of cadres.

Yongchuan: 3 arts festivals and 4 games (editions, each listed on several days), 175 film shows, 102
new libraries, 52,000 books given; 150 cadres sent up (people), 11 classes held with 1,056
trainees (person-times).
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.contract.record import Record
from flows.sample import generic, people
from flows.sample.mess import hanzi_number
from flows.sample.model import Mark, Raw, Row, Span, Value
from flows.sample.scene import COUNTED_TO, FIRST, LAST, Scene, amounts

FILM_SHOWS = 175
LIBRARIES = 102
BOOKS_GIVEN = 52_000
SENT_UP = 150
CLASSES = 11
TRAINED = 1_056
AFTER = COUNTED_TO + timedelta(days=1)
FESTIVALS = (date(2011, 9, 20), date(2013, 9, 18), date(2015, 9, 15))
GAMES = (date(2011, 5, 12), date(2012, 5, 10), date(2013, 10, 17), date(2015, 5, 14))


def culture_event(scene: Scene, record: Record) -> list[Row]:
    """Events by day. An edition's opening and closing are two rows and one edition."""
    out: list[Row] = []
    festivals, games = (FESTIVALS, GAMES) if scene.is_yongchuan else (FESTIVALS[:1], GAMES[1:2])
    for kind, name, editions in (("festival", "职工文化艺术节", festivals), ("games", "职工运动会", games)):
        for edition, first in enumerate(editions, 1):
            for step, what in enumerate(("开幕式", "闭幕式")):
                day = first + timedelta(days=step * 5)
                title = f"{scene.unit.short}第{hanzi_number(edition)}届{name}{what}"
                row = _event(scene, record, day, len(out), kind, title)
                row.values["edition"] = f"第{hanzi_number(edition)}届" if step else None
                row.marks = (
                    Mark(
                        "arts_festivals" if kind == "festival" else "sports_games",
                        day,
                        subject=str(edition),
                    ),
                )
                out.append(row)
    shows = FILM_SHOWS if scene.is_yongchuan else scene.rng.randint(5, 15)
    done = 0
    for n, day in enumerate(scene.days(shows)):
        sessions = 2 if n % 9 == 0 and done + 2 <= shows else 1
        if done + sessions > shows:
            break
        out.append(_film(scene, record, day, 300 + n, sessions))
        done += sessions
    for n, day in enumerate(scene.days(20 if scene.is_yongchuan else 3)):
        row = _event(
            scene,
            record,
            day,
            700 + n,
            ("match", "exhibition", "show")[n % 3],
            f"{scene.unit.short}职工文体活动{n:03d}",
        )
        row.marks = (Mark("stage_shows", day),) if n % 3 == 2 else ()
        out.append(row)
    return out + (_culture_traps(scene, record) if scene.is_yongchuan else [])


def _event(scene: Scene, record: Record, day: date, n: int, kind: str, name: str) -> Row:
    given: dict[str, Value] = {
        "event_name": name,
        "kind": kind,
        "held": Span(day, day),
        "sessions": 1,
        "edition": None,
        "work": None,
        "venue": "public",
        "place": "职工文化宫",
    }
    return generic.fill(scene, record, day, n + 1, given)


def _film(scene: Scene, record: Record, day: date, n: int, sessions: int) -> Row:
    row = _event(scene, record, day, n, "film", f"{scene.unit.short}送电影活动{n:03d}")
    row.values |= {
        "venue": "enterprise" if n % 2 else "community",
        "place": f"样例{'企业' if n % 2 else '社区'}{n:03d}",
        "work": f"样例影片{n % 12}",
        "sessions": sessions if sessions > 1 or n % 3 else None,
    }
    row.marks = (Mark("film_shows", day, sessions),)
    return row


def _culture_traps(scene: Scene, record: Record) -> list[Row]:
    """Cancelled shows reported with no session, shows after the period, an edition that cannot be."""
    out = []
    for n in range(9):
        row = _film(scene, record, date(2012 + n % 3, 7, 1 + n), 800 + n, 1)
        row.values["sessions"], row.marks = 0, ()
        out.append(row)
    for n in range(6):
        out.append(_film(scene, record, date(2015, 11, 10 + n), 850 + n, 1))
    own = _event(scene, record, date(2014, 5, 20), 869, "games", "样例企业第九届职工运动会")
    own.values |= {
        "edition_stated": 9,
        "level": "base",
    }  # an enterprise's games are no edition of the district's
    out.append(own)
    bad = _event(scene, record, date(2014, 5, 9), 870, "games", f"{scene.unit.short}职工运动会")
    bad.values["edition"] = "120"
    bad.state, bad.issues = "rejected", ("edition_plausible",)
    when = _film(scene, record, date(2014, 6, 9), 871, 1)
    when.values["held"], when.marks = Raw("20__年6月"), ()
    when.state, when.issues = "rejected", ("span_masked",)
    return [*out, bad, when]


def library(scene: Scene, record: Record) -> list[Row]:
    """New libraries by the day they were built; upgraded and old ones are listed beside them."""
    count = LIBRARIES if scene.is_yongchuan else scene.rng.randint(3, 9)
    out = []
    for n, day in enumerate(scene.days(count)):
        row = _library(scene, record, day, n, "new")
        row.marks = (Mark("libraries_built", day),)
        out.append(row)
    for n, day in enumerate(scene.days(count // 3)):
        out.append(_library(scene, record, day, 400 + n, ("upgraded", "existing")[n % 2]))
    if scene.is_yongchuan:
        for n in range(5):
            day = date(2015, 11, 12 + n)
            row = _library(scene, record, day, 600 + n, "new")
            row.marks = (Mark("libraries_built", day),)
            out.append(row)
        planned = _library(scene, record, date(2015, 12, 20), 640, "new")
        planned.values["built"] = Span(date(2016, 6, 1), date(2016, 6, 30))
        planned.state, planned.issues = "rejected", ("new_built_by_report",)
        out.append(planned)
    return out


def _library(scene: Scene, record: Record, day: date, n: int, kind: str) -> Row:
    given: dict[str, Value] = {
        "library_name": f"{scene.unit.short}样例企业{n:03d}职工书屋",
        "employer": f"{scene.unit.short}样例企业{n:03d}",
        "kind": kind,
        "built": Span(day, day),
    }
    return generic.fill(scene, record, day, n + 1, given)


def book_gift(scene: Scene, record: Record) -> list[Row]:
    """Deliveries of books by day; a library may be given books again and again."""
    count = 130 if scene.is_yongchuan else scene.rng.randint(3, 10)
    copies = amounts(scene.rng, BOOKS_GIVEN, count, 10) if scene.is_yongchuan else [300] * count
    out = []
    for n, (day, books) in enumerate(zip(scene.days(count), copies, strict=True)):
        out.append(_gift(scene, record, day, n, books))
    if scene.is_yongchuan:
        out.append(_gift(scene, record, date(2015, 12, 9), 500, 1_500))
        row = _gift(scene, record, date(2014, 3, 9), 501, 0)
        row.state, row.issues, row.marks = "rejected", ("has_copies",), ()
        out.append(row)
    return out


def _gift(scene: Scene, record: Record, day: date, n: int, copies: int) -> Row:
    given: dict[str, Value] = {
        "recipient": f"{scene.unit.short}样例企业{n % 102:03d}职工书屋",
        "given": Span(day, day),
        "batch": f"第{n + 1}批",
        "copies": copies,
        "value_yuan": copies * 30,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    row.marks = (Mark("books_given", day, copies),)
    return row


def training_sent(scene: Scene, record: Record) -> list[Row]:
    """A row per cadre and course. A cadre sent twice is one; the district's own courses are not "sent up"."""
    count = SENT_UP if scene.is_yongchuan else scene.rng.randint(3, 12)
    out = []
    for n, day in enumerate(scene.days(count, FIRST, date(2015, 10, 20))):
        out.append(_sent(scene, record, day, n, n, "national" if n % 6 == 0 else "municipal"))
        if n % 5 == 0 and n:
            out.append(_sent(scene, record, day, 1_000 + n, n - 1, "municipal"))
    for n, day in enumerate(scene.days(count // 3, FIRST, date(2015, 12, 20))):
        out.append(_sent(scene, record, day, 3_000 + n, 3_000 + n, ("district", "base")[n % 2]))
    if scene.is_yongchuan:
        for n in range(7):
            out.append(_sent(scene, record, date(2015, 11, 16), 4_000 + n, 4_000 + n, "municipal"))
    return out


def _sent(scene: Scene, record: Record, day: date, n: int, who: int, level: str) -> Row:
    given: dict[str, Value] = {
        "trainee": people.name(95_000 + who),
        "person_id": scene.citizen(1_500_000 + who),
        "class_name": f"工会干部培训第{n + 1}班",
        "level": level,
        "held": Span(day, day + timedelta(days=4)) if day.day < 25 else Span(day, day),
        "host": None,
    }
    row = generic.fill(scene, record, day, n + 1, given)
    if level in ("municipal", "national"):
        row.marks = (Mark("training_sent_people", day, subject=f"{scene.unit.code}/{who}"),)
    return row


def training_held(scene: Scene, record: Record) -> list[Row]:
    """Classes of the district; those of single employers are listed and are not its own."""
    count = CLASSES if scene.is_yongchuan else scene.rng.randint(2, 6)
    trained = amounts(scene.rng, TRAINED, count) if scene.is_yongchuan else [60] * count
    out = []
    for n, (day, times) in enumerate(zip(scene.days(count, FIRST, date(2015, 10, 20)), trained, strict=True)):
        row = _class(scene, record, day, n, "district", times)
        row.marks = (Mark("training_classes", day), Mark("trainee_times", day, times))
        out.append(row)
    for n, day in enumerate(scene.days(count, FIRST, LAST)):
        out.append(_class(scene, record, day, 200 + n, "base", 45))
    if scene.is_yongchuan:
        day = date(2015, 11, 24)
        row = _class(scene, record, day, 300, "district", 90)
        row.marks = (Mark("training_classes", day), Mark("trainee_times", day, 90))
        none = _class(scene, record, date(2014, 4, 2), 301, "district", 0)
        none.state, none.issues = "rejected", ("has_trainees",)
        out += [row, none]
    return out


def _class(scene: Scene, record: Record, day: date, n: int, level: str, times: int) -> Row:
    given: dict[str, Value] = {
        "class_name": f"{scene.unit.short}工会干部培训班{n + 1}",
        "session": None,
        "level": level,
        "held": Span(day, day),
        "host": None,
        "trainee_times": times,
    }
    return generic.fill(scene, record, day, n + 1, given)
