"""Who sends: the assessed units and the city, with a division code, the real towns and the dice of each.

Every random choice comes from a `random.Random` named after what it decides (seed, unit, kind, lot), so
that a kind or a unit added later changes no file of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from flows.contract.units import LATEST, Unit, reference
from flows.sample import people

YEARS = range(2011, 2016)
CITY = "chongqing"
YONGCHUAN = "yongchuan"


@dataclass(frozen=True)
class Sender:
    """A unit as the reference data have it, with what its rows need."""

    unit: Unit
    division: str  # that its people's IDs begin with
    towns: tuple[str, ...]
    number: int  # position among the units: spreads serial numbers
    seed: int

    @property
    def code(self) -> str:
        return self.unit.unit_code

    @property
    def short(self) -> str:
        return self.unit.short_name

    @cached_property
    def is_article(self) -> bool:
        """Whether the article's figures are this unit's."""
        return self.code == YONGCHUAN

    @property
    def is_office(self) -> bool:
        return self.code == CITY

    @cached_property
    def is_gone(self) -> bool:
        return self.unit.valid_to != LATEST

    def citizen(self, number: int, born: date | None = None) -> str:
        """The ID of the unit's `number`-th person; a predecessor's people are not its successor's."""
        shift = (499 if born else 2_000_000) if self.is_gone else 0
        return people.citizen_id(self.division, number + shift, born)

    def dice(self, *about: object) -> Random:
        """The dice of one decision."""
        return Random("/".join(map(str, (self.seed, self.code, *about))))


def senders(seed: int = 2015) -> list[Sender]:
    """The assessed units and the city, in file order."""
    units = [(n, u) for n, u in enumerate(reference().units) if u.is_assessed or u.unit_code == CITY]
    return [Sender(u, _division(u.unit_code), _towns(u.unit_code), n, seed) for n, u in units]


def alive(units: Sequence[Sender], year: int) -> list[Sender]:
    """The units that a year assesses: those that exist at its end."""
    return [u for u in units if u.unit.exists_on(date(year, 12, 31))]


def _division(code: str) -> str:
    """The oldest code of a unit that is still on cards; a zone without one has that of its predecessor."""
    data = reference()
    if code == YONGCHUAN:
        return "500118"
    origin = next((c.from_unit for c in data.unit_changes if c.to_unit == code), code)
    known = data.divisions_of(code) or data.divisions_of(origin)
    return min(known, key=lambda d: (d.valid_from, d.code)).code if known else "500000"


def _towns(code: str) -> tuple[str, ...]:
    """Names of its towns, those of a zone inside it left to the zone."""
    towns = reference().towns_of(code)
    return tuple(t.name for t in [t for t in towns if t.zone is None] or towns)
