"""What the office records about a year's assessment: scores, bonuses, notices, vetoes, excuses.

These records name items and kinds of the sample schemes (`data/scheme`), so that every one of them counts or is seen
to be refused for its reason: a bonus without document, claimed at two levels, claimed again a year later. A unit's `standing` (0..10, by its own dice) is what raters
think of it and how often it has something to claim; no unit is given one by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from flows.contract.catalogue import records
from flows.sample import people
from flows.sample.model import Mark, Span, Value
from flows.sample.scene import YEARS, Scene, Unit

#: figure → unit → period → total, as the truth has them.
Figures = Mapping[str, Mapping[str, Mapping[str, str]]]

RATING, OPINION, REPORTS = "综合评价", "考核组评价", "按时报送报表"
DEPARTMENTS = ("办公室", "组织部", "法律工作部", "保障工作部", "经济工作部", "财务部")
#: Items of deductions, by label or id as clerks happen to write them.
FAULTED = (REPORTS, "mediation", "工会组织数", "office", "发放慰问金", "劳动竞赛参赛", "funds", RATING)
#: What one matter may be worth at a level; what is claimed is rounded up.
WORTH = {"national": Decimal("1.5"), "municipal": Decimal("0.8"), "district": Decimal("0.3")}
MATTERS = {
    "award": "安康杯竞赛先进单位",
    "experience": "帮扶工作经验交流",
    "innovation": "维权工作创新",
    "rank": "工会信息工作排名",
    "pilot": "工资集体协商试点",
}
#: Vetoes of a year: none of every kind, one of them under appeal or lifted.
VETOES = (
    ("criticism", "active", "被市级通报批评"),
    ("accident", "active", "发生较大安全事故"),
    ("mass_incident", "appealed", "群体性事件处置不当"),
    ("discipline", "lifted", "班子成员接受调查，后查无实据"),
)


@dataclass(frozen=True)
class Entry:
    """One row to be: whom it is about, the day that puts it into a year's table, its cells, what it stands for."""

    unit: Unit
    day: date
    cells: Mapping[str, Value]
    marks: tuple[Mark, ...] = ()


@dataclass
class Claim:
    """A bonus application."""

    unit: Unit
    kind: str
    matter: str
    level: str
    work_year: int
    counted_year: int
    granted: Decimal | None
    document: str | None = field(default=None)


def alive(units: Sequence[Unit], year: int) -> list[Unit]:
    """The units that a year assesses: those that exist at its end."""
    return [u for u in units if u.lives_on(date(year, 12, 31))]


def standing(unit: Unit, seed: int) -> int:
    """0..10, the same in all years and kinds."""
    return Random(f"{seed}/{unit.code}/standing").randrange(11)


def rater_score(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """Each unit by every rater: leaders and departments of a hundred, later other units of ten and the committee."""
    for year in YEARS:
        assessed = alive(units, year)
        for number, unit in enumerate(assessed):
            level = 78 + standing(unit, scene.seed)
            for n in range(4):
                yield _score(scene, unit, year, "leader", people.name(n + year % 2), level)
            for name in DEPARTMENTS[: 5 if year == 2011 else 6]:
                yield _score(scene, unit, year, "department", name, level)
            if year > 2011:
                others = [assessed[(number + step) % len(assessed)] for step in (1, 5, 9)]
                for name in sorted({u.name for u in others if u is not unit} or {"样例单位"}):
                    yield _score(scene, unit, year, "peer", name, level, full=10)
            if year > 2012:
                yield _opinion(scene, unit, year, level)


def _score(scene: Scene, unit: Unit, year: int, group: str, rater: str, level: int, full: int = 100) -> Entry:
    points = Decimal(min(100, level + scene.rng.randrange(11))) * full / 100
    cells: dict[str, Value] = {
        "item": RATING, "rater_group": group, "rater": rater, "points": points, "full_points": full, "opinion": None,
    }  # fmt: skip
    return Entry(unit, date(year, 12, 20), cells)


def _opinion(scene: Scene, unit: Unit, year: int, level: int) -> Entry:
    felt = (level - 78 + scene.rng.randrange(4)) // 4
    code = ("fairly_satisfied", "satisfied", "satisfied", "very_satisfied")[min(felt, 3)]
    cells: dict[str, Value] = {
        "item": OPINION, "rater_group": "committee", "rater": "考核组", "points": None, "full_points": None, "opinion": code,
    }  # fmt: skip
    return Entry(unit, date(year, 12, 20), cells)


def bonus_application(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """None to three a unit and year; of the last year some are not decided yet."""
    for number, claim in enumerate(_claims(scene, units), 1):
        asked = max(claim.granted or Decimal(0), WORTH[claim.level]).quantize(Decimal("0.1"))
        cells: dict[str, Value] = {
            "matter": claim.matter,
            "kind": claim.kind,
            "level": claim.level,
            "work_year": claim.work_year,
            "counted_year": claim.counted_year,
            "claimed_points": asked if number % 6 else asked + 1,
            "granted_points": claim.granted,
            "document_no": claim.document,
            "awarded_on": date(claim.counted_year, 10, 1 + number % 28),
            "decided_on": date(claim.counted_year, 12, 25) if claim.granted is not None else None,
        }
        end = date(claim.counted_year, 12, 31)
        marks = (Mark("bonus_points_granted", end, claim.granted, claim.level),) if claim.granted else ()
        yield Entry(claim.unit, end, cells, marks)


def _claims(scene: Scene, units: Sequence[Unit]) -> Iterator[Claim]:
    number, again = 0, list[Claim]()
    for year in YEARS:
        kinds = ("award", "experience", "innovation") if year == 2011 else tuple(MATTERS)
        repeated, again = again, []
        for old in repeated:
            if old.unit in alive(units, year):
                yield Claim(
                    old.unit, old.kind, old.matter, old.level, old.work_year, year, old.granted, old.document
                )
        for unit in alive(units, year):
            for n in range((standing(unit, scene.seed) + scene.rng.randrange(5)) // 4):
                number += 1
                kind, level = (
                    scene.rng.choice(kinds),
                    scene.rng.choice(("national", "municipal", "municipal")),
                )
                matter, document = f"{year}年{MATTERS[kind]}第{n + 1}项", f"样奖〔{year}〕{number}号"
                made = Claim(unit, kind, matter, level, year, year, WORTH[level], document)
                if number % 11 == 5:
                    made.document, made.granted = None, Decimal(0)
                elif year == YEARS[-1] and scene.chance(0.25):
                    made.granted = None
                yield made
                if number % 7 == 3:  # one matter at two levels counts once
                    low = "district" if level == "municipal" else "municipal"
                    yield Claim(
                        unit, kind, matter, low, year, year, WORTH[low], f"样奖〔{year}〕{number}号附件"
                    )
                if number % 9 == 4 and made.granted:
                    again.append(made)


def deduction(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """Eight notices a year."""
    for year in YEARS:
        some = alive(units, year)
        for n, unit in enumerate(scene.rng.sample(some, min(8, len(some)))):
            points = scene.rng.choice((Decimal("0.1"), Decimal("0.2"), Decimal("0.5")))
            day = date(year, 11, 5 + n)
            cells: dict[str, Value] = {
                "item": FAULTED[(n + year) % len(FAULTED)],
                "points": points,
                "occurred": Span(day, day),
                "notified_on": date(year, 11, 20 + n),
                "document_no": f"样扣〔{year}〕{n + 1}号",
            }
            yield Entry(unit, day, cells, (Mark("deduction_points", date(year, 12, 31), points),))


def veto_event(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """A few events a year, among the units of lower standing."""
    for year in YEARS:
        low = sorted(alive(units, year), key=lambda u: (standing(u, scene.seed), u.code))[:12]
        for n, unit in enumerate(scene.rng.sample(low, min(3, len(low)))):
            condition, status, reason = VETOES[(n + year) % len(VETOES)]
            day = date(year, 9, 5 + n)
            cells: dict[str, Value] = {
                "condition": condition,
                "status": status,
                "reason": reason,
                "occurred": Span(day, day),
                "decided_on": date(year, 10, 15),
                "lifted_on": date(year, 12, 1) if status == "lifted" else None,
                "document_no": f"样认〔{year}〕{n + 1}号",
            }
            marks = (Mark("veto_events", date(year, 12, 31)),) if status != "lifted" else ()
            yield Entry(unit, day, cells, marks)


def late_excuse(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """Reports of the year, due on the day that the calendar names; every other excuse was accepted."""
    kinds = [r for r in ("union_statistics", "union_funds", "audit", "mediation") if r in records()]
    for year in YEARS:
        some = alive(units, year)
        for n, unit in enumerate(scene.rng.sample(some, min(6, len(some)))):
            end, granted = date(year, 12, 31), n % 2 == 0
            cells: dict[str, Value] = {
                "report": records()[kinds[n % len(kinds)]].label,
                "report_period": Span(date(year, 1, 1), end),
                "due_on": date(year + 1, 1, 10),
                "excused_until_on": date(year + 1, 1, 31) if granted else None,
                "is_granted": granted,
                "document_no": f"样函〔{year + 1}〕{n + 1}号",
            }
            yield Entry(unit, end, cells, () if granted else (Mark("late_excuses_refused", end),))
