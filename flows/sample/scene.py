"""Where the sample plays: the units that report, their divisions and towns, and their dice.

Every random choice comes from a `random.Random` named after what it decides (seed, unit, kind), so
that a kind or a unit added later changes no file of the others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from flows.contract.catalogue import ROOT, code_lists
from flows.sample import people

FIRST = date(2011, 1, 1)
LAST = date(2015, 12, 31)
#: The article appeared on 2015-11-11; what it counts happened by the end of the month before.
COUNTED_TO = date(2015, 10, 31)
STOCK_ON = date(2015, 9, 30)
YEARS = range(2011, 2016)
CITY = "chongqing"
YONGCHUAN = "yongchuan"


@dataclass(frozen=True)
class Unit:
    """An assessed unit as the reference data have it, with what the sample adds: a division code."""

    code: str
    name: str
    short: str
    division: str
    valid_from: date
    valid_to: date
    towns: tuple[str, ...] = ()
    number: int = 0  # position among the units: spreads serial numbers

    def lives_on(self, day: date) -> bool:
        """Whether the unit exists on a day."""
        return self.valid_from <= day <= self.valid_to


@dataclass
class Scene:
    """One unit and one record kind, with their own dice."""

    unit: Unit
    record: str
    seed: int
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed}/{self.unit.code}/{self.record}")

    @property
    def is_yongchuan(self) -> bool:
        return self.unit.code == YONGCHUAN

    def lived_years(self) -> list[int]:
        """The years in which the unit existed on some day."""
        return [y for y in YEARS if self.unit.valid_from.year <= y <= self.unit.valid_to.year]

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """A day of the span on which the unit exists; where it exists on none, its day nearest to it."""
        first = min(max(first, self.unit.valid_from), self.unit.valid_to)
        last = max(min(last, self.unit.valid_to), first)
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def day_in(self, year: int) -> date:
        """A day of a year."""
        return self.day(date(year, 1, 1), date(year, 12, 31))

    def days(self, count: int, first: date = FIRST, last: date = COUNTED_TO) -> list[date]:
        """`count` days in order, of the span that the article counts unless told otherwise."""
        return sorted(self.day(first, last) for _ in range(count))

    def town(self) -> str:
        """A town or street of the unit, by name; "" where the reference data know none."""
        return self.rng.choice(self.unit.towns) if self.unit.towns else ""

    def person(self, number: int) -> int:
        """The number of a person of this unit and kind in `people`: kinds do not share people."""
        return (_kind_number(self.record) + 10) * 20_000 + number + self.unit.number

    def citizen(self, number: int, born: date | None = None) -> str:
        """The citizen ID of the unit's `number`-th person; a predecessor's people are not its successor's."""
        gone = self.unit.valid_to.year < 9999
        shift = (499 if born else 2_000_000) if gone else 0
        return people.citizen_id(self.unit.division, number + shift, born)

    def chance(self, share: float) -> bool:
        """True in a share of the calls."""
        return self.rng.random() < share


@cache
def _kind_number(record: str) -> int:
    return sum(ord(c) * (i + 1) for i, c in enumerate(record)) % 230


@cache
def codes(name: str, year: int | None = None) -> tuple[str, ...]:
    """Codes of a list that are valid in a year."""
    return tuple(
        e.code
        for e in code_lists()[name]
        if year is None or ((e.valid_from or 0) <= year <= (e.valid_to or 9999))
    )


def parts_of(total: int, shares: int) -> list[int]:
    """A whole cut into `shares` parts that differ by at most one and add up to it."""
    base, rest = divmod(total, shares)
    return [base + (i < rest) for i in range(shares)]


def amounts(rng: Random, total: int, count: int, step: int = 1) -> list[int]:
    """`count` positive amounts, multiples of `step` but for one, that add up to `total` exactly."""
    mean = total // count
    low, high = max(step, mean // 2 // step * step), max(step, mean * 3 // 2 // step * step)
    drawn = [rng.randrange(low, high + 1, step) for _ in range(count)]
    rest, i = total - sum(drawn), 0
    while rest:
        change = max(-drawn[i] + low, min(rest, high - drawn[i])) if count > 1 else rest
        if i == count - 1 and not change:  # all at their bounds: the last one takes what is left
            change = rest
        drawn[i] += change
        rest -= change
        i = (i + 1) % count
    return drawn


def month_ends(year: int) -> Iterator[date]:
    """The last days of the months of a year."""
    for month in range(1, 13):
        yield date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def units(root: Path = ROOT, only: Sequence[str] | None = None) -> list[Unit]:
    """The assessed units and the city from `data/reference/unit.csv`, in file order."""
    division_of, towns = _division_codes(root), _towns(root)
    out = []
    for number, row in enumerate(_reference(root, "unit")):
        code = row["unit_code"]
        if (row["assessed"] != "true" and code != CITY) or (only is not None and code not in only):
            continue
        division = division_of.get(code, "500000")
        out.append(
            Unit(
                code=code,
                name=row["name"],
                short=row["short_name"],
                division=division,
                valid_from=date.fromisoformat(row["valid_from"] or "1949-10-01"),
                valid_to=date.fromisoformat(row["valid_to"] or "9999-12-31"),
                towns=towns.get(division, ()),
                number=number,
            )
        )
    return out


def successors(root: Path = ROOT) -> dict[str, str]:
    """Old unit → the unit that took it over."""
    return {row["from_unit"]: row["to_unit"] for row in _reference(root, "unit_change")}


def _reference(root: Path, name: str) -> list[dict[str, str]]:
    with (root / "data" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _division_codes(root: Path) -> dict[str, str]:
    """The oldest division code of each unit; a zone without one has that of its predecessor."""
    found: dict[str, str] = {}
    rows = [r for r in _reference(root, "unit_name") if r["name"].isdigit()]
    for row in sorted(rows, key=lambda r: (r["valid_from"], r["name"])):
        found.setdefault(row["unit_code"], row["name"])
    for change in _reference(root, "unit_change"):
        if change["from_unit"] in found:
            found.setdefault(change["to_unit"], found[change["from_unit"]])
    return found | {YONGCHUAN: "500118"}


def _towns(root: Path) -> dict[str, tuple[str, ...]]:
    """Names of towns and streets by the division code of their parent."""
    names: dict[str, dict[str, None]] = {}
    for row in _reference(root, "town_code"):
        if row["source"] == "list-2023":  # the other units' towns are not used yet
            continue
        names.setdefault(row["parent_code"], {})[row["name"]] = None
    return {code: tuple(found) for code, found in names.items()}
