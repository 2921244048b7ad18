"""Divisions, assessed units and their names, periods and due days: what `data/reference/*.csv` say together.

A name means a unit only on certain days (万盛区总工会 until 2011-11, 万盛经开区总工会 since), and a
division code may have been used twice (500110), so every answer needs a day. Refuses to guess: matching is
exact after normalising, and a name that leads to two units on one day is an error in the files, found at
loading. Towns are matched by name: public tables of town codes disagree on most of those that two of them list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from flows.contract.catalogue import ROOT, ContractError, records
from flows.contract.reference_rows import (
    EARLIEST,
    LATEST,
    Division,
    Due,
    FallLimit,
    Name,
    Period,
    Town,
    Unit,
    UnitChange,
    dated_name_row,
    day,
    division_row,
    fall_limit_row,
    period_row,
    read_rows,
    towns_of_rows,
    unit_row,
)
from flows.contract.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

_DAY = timedelta(days=1)

__all__ = [
    "EARLIEST",
    "LATEST",
    "Division",
    "Due",
    "Name",
    "Period",
    "Reference",
    "Town",
    "Unit",
    "UnitChange",
    "problems_of",
    "reference",
]


@dataclass(frozen=True)
class Reference:
    """All reference data, checked. Rows are in file order."""

    divisions: tuple[Division, ...]
    towns: tuple[Town, ...]
    units: tuple[Unit, ...]
    unit_names: tuple[Name, ...]
    unit_changes: tuple[UnitChange, ...]
    periods: tuple[Period, ...]
    calendar: tuple[Due, ...]
    fall_limits: tuple[FallLimit, ...]

    @cached_property
    def _by_key(self) -> dict[str, list[Name]]:
        by_key: dict[str, list[Name]] = {}
        for name in self.unit_names:
            by_key.setdefault(name.key, []).append(name)
        return by_key

    @cached_property
    def _by_code(self) -> dict[str, Unit]:
        return {u.unit_code: u for u in self.units}

    @cached_property
    def _parents(self) -> frozenset[str | None]:
        return frozenset(u.parent_code for u in self.units)

    def unit(self, unit_code: str) -> Unit:
        """The unit of a code; KeyError if there is none."""
        return self._by_code[unit_code]

    def short_name_on(self, unit_code: str, day: date) -> str:
        """The short name a unit bore on a day (铜梁县 until 2014): its dated name of that day, else that of its row."""
        unit = self._by_code[unit_code]
        dated = [
            n.key
            for n in self.unit_names
            if n.code == unit_code
            and n.valid_from <= day <= n.valid_to
            and (n.valid_from, n.valid_to) != (unit.valid_from, unit.valid_to)
            and not n.key.isdigit()
            and not n.key.endswith("总工会")
        ]
        return max(dated, key=len, default=unit.short_name)

    def children(self, unit_code: str) -> tuple[Unit, ...]:
        """The units whose parent this is, of all times."""
        return tuple(u for u in self.units if u.parent_code == unit_code)

    def is_office(self, unit_code: str) -> bool:
        """Whether a sender may report on others: it has child units."""
        return unit_code in self._parents

    def assessed_on(self, day: date) -> tuple[Unit, ...]:
        """The assessed units that exist on a day."""
        return tuple(u for u in self.units if u.is_assessed and u.exists_on(day))

    def resolve_unit(self, text: str, parent: str | None, on: date) -> str | None:
        """The unit that `text` (name, short name, alias, unit or division code) means on a day.

        With `parent`, only that unit itself and its children are candidates: who an office may report on.
        None when there is no such unit on that day.
        """
        found = {n.code for n in self._named(text, parent) if n.valid_from <= on <= n.valid_to}
        return found.pop() if len(found) == 1 else None

    def resolve_sender(self, folder: str, on: date) -> str | None:
        """The unit that an inbox folder means; like `resolve_unit` over all units, on the day of receipt.

        A name that is no longer (or not yet) borne on that day still leads to its unit if only one unit
        ever bore it: 綦江县总工会 on a folder of old files can mean nothing else.
        """
        unit = self.resolve_unit(folder, None, on)
        if unit is None:
            ever = {n.code for n in self._named(folder, None)}
            unit = ever.pop() if len(ever) == 1 else None
        return unit

    def _named(self, text: str, parent: str | None) -> Iterator[Name]:
        for name in self._by_key.get(name_key(text), ()):
            if parent is None or name.code == parent or self._by_code[name.code].parent_code == parent:
                yield name

    def subjects(self) -> Iterator[tuple[str, Name]]:
        """(sender, name) of every spelling a sender may use for a row's subject: itself and its children."""
        names: dict[str, list[Name]] = {}
        for name in self.unit_names:
            names.setdefault(name.code, []).append(name)
        for unit in self.units:
            for subject in (unit, *self.children(unit.unit_code)):
                for name in names[subject.unit_code]:
                    yield unit.unit_code, name

    def divisions_of(self, unit_code: str) -> tuple[Division, ...]:
        """The divisions a unit's territory has had: those whose code is among the unit's names."""
        own = {n.key: n for n in self.unit_names if n.code == unit_code}
        return tuple(
            d
            for d in self.divisions
            if d.code in own and d.valid_from <= own[d.code].valid_to and own[d.code].valid_from <= d.valid_to
        )

    def towns_of(self, unit_code: str) -> tuple[Town, ...]:
        """The towns of a unit's territory; of a unit that ended, those of its successor, whose lists we have.

        A zone has the towns that are listed as its own, which are also among those of the district around it.
        """
        lineage = {unit_code, *(c.to_unit for c in self.unit_changes if c.from_unit == unit_code)}
        of_zone = tuple(t for t in self.towns if t.zone in lineage)
        codes = {d.code for code in lineage for d in self.divisions_of(code)}
        return of_zone or tuple(t for t in self.towns if t.parent_code in codes)

    def localities_of(self, sender: str) -> tuple[Name, ...]:
        """Every spelling of a division a sender may use: its district and its towns.

        Names come bare (青峰), full (青峰镇) and with the district in front. The same town names recur in
        other districts, so a name is only good for its own sender. Of a sender's names no two overlap: where
        only the year of a change is known, the new division has the name in that year; a bare name that two
        towns share, or a town and its district, is no name of a town.
        """
        return self._localities[sender]

    @cached_property
    def _localities(self) -> dict[str, tuple[Name, ...]]:
        return {unit.unit_code: tuple(self._spelled_localities(unit)) for unit in self.units}

    def _spelled_localities(self, unit: Unit) -> Iterator[Name]:
        districts: dict[str, list[Division]] = {}
        for own in sorted(self.divisions_of(unit.unit_code), key=lambda d: d.valid_from):
            for key in _district_keys(own):
                districts.setdefault(key, []).append(own)
        for key, places in districts.items():
            for place, after in zip_longest(places, places[1:]):
                last = place.valid_to if after is None else min(place.valid_to, after.valid_from - _DAY)
                yield Name(key, place.code, place.valid_from, last)
        towns = self.towns_of(unit.unit_code)
        around = {own.name for own in self.divisions_of(unit.unit_code)} | {unit.short_name}
        full = {key: town for town in towns for key in _town_keys(town, around)}
        bare = Counter(_bare(name_key(town.name)) for town in towns)
        spelled = {_bare(name_key(t.name)): t for t in towns if bare[_bare(name_key(t.name))] == 1} | full
        for key, town in spelled.items():
            if key not in districts and len(key) > 1:
                yield Name(key, town.code, EARLIEST, LATEST)

    def resolve_division(self, text: str, sender: str, on: date) -> str | None:
        """The division code that `text` means in a sender's territory on a day, or None."""
        key = name_key(text)
        found = {
            n.code for n in self.localities_of(sender) if n.key == key and n.valid_from <= on <= n.valid_to
        }
        return found.pop() if len(found) == 1 else None

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """All 6-digit division codes of all times, sorted: what a citizen ID of this area may start with."""
        return tuple(sorted({d.code for d in self.divisions if d.level == "district"}))


def _bare(key: str) -> str:
    return re.sub("(街道|镇|乡|区|县)$", "", key)


def _district_keys(district: Division) -> Iterator[str]:
    full = name_key(district.name)
    bare = _bare(full)
    yield from sorted({full, bare if len(bare) > 1 else full, "重庆市" + full, district.code})


def _town_keys(town: Town, around: Iterable[str]) -> Iterator[str]:
    full = name_key(town.name)
    yield from (full, full + "办事处", full + "人民政府")
    for district in around:
        yield from (name_key(district) + full, "重庆市" + name_key(district) + full)
    if town.is_code_sure:
        yield town.code


@cache
def reference(root: Path = ROOT) -> Reference:
    """Load and check `data/reference/`; `ContractError` with file, line and reason."""
    folder = root / "data" / "reference"
    units = tuple(read_rows(folder / "unit.csv", unit_row))
    towns = tuple(towns_of_rows(read_rows(folder / "town_code.csv", dict)))
    districts = read_rows(folder / "division.csv", division_row)
    out = Reference(
        divisions=(*districts, *(_town_division(t) for t in towns)),
        towns=towns,
        units=units,
        unit_names=tuple(_unit_names(units, read_rows(folder / "unit_name.csv", dated_name_row))),
        unit_changes=tuple(read_rows(folder / "unit_change.csv", _change)),
        periods=tuple(read_rows(folder / "period.csv", period_row)),
        calendar=tuple(read_rows(folder / "calendar.csv", _due)),
        fall_limits=tuple(read_rows(folder / "fall_limit.csv", fall_limit_row)),
    )
    for problem in problems_of(out):
        raise ContractError(f"data/reference: {problem}")
    return out


def problems_of(data: Reference) -> Iterator[str]:
    """What is inconsistent in the reference data, one sentence each."""
    yield from _overlaps("division.csv", ((d.code, d.name, d.valid_from, d.valid_to) for d in data.divisions))
    codes = {d.code for d in data.divisions}
    for d in data.divisions:
        if d.parent_code is not None and d.parent_code not in codes:
            yield f"division.csv: {d.code} {d.name}: no parent {d.parent_code}"
    unit_codes = [u.unit_code for u in data.units]
    for town in data.towns:
        if town.zone is not None and town.zone not in unit_codes:
            yield f"town_code.csv: {town.name}: no unit {town.zone}"
    for code in {c for c in unit_codes if unit_codes.count(c) > 1}:
        yield f"unit.csv: {code} twice"
    for u in data.units:
        if u.parent_code is not None and u.parent_code not in unit_codes:
            yield f"unit.csv: {u.unit_code}: no parent {u.parent_code}"
    for name in data.unit_names:
        if name.code not in unit_codes:
            yield f"unit_name.csv: {name.key}: no unit {name.code}"
    # One name, one unit on any day — over all units, which is more than among the children of one parent:
    # a sender folder has no parent to narrow it down.
    yield from _overlaps("unit names", ((n.key, n.code, n.valid_from, n.valid_to) for n in data.unit_names))
    for change in data.unit_changes:
        for code in (change.from_unit, change.to_unit):
            if code not in unit_codes:
                yield f"unit_change.csv: no unit {code}"
    periods = [p.period_id for p in data.periods]
    for period_id in {p for p in periods if periods.count(p) > 1}:
        yield f"period.csv: {period_id} twice"
    for period in data.periods:
        if period.from_on > period.to_on:
            yield f"period.csv: {period.period_id} ends before it starts"
    due = [(d.record, d.period_id) for d in data.calendar]
    for record, period_id in due:
        if period_id not in periods:
            yield f"calendar.csv: {record}: no period {period_id}"
        if due.count((record, period_id)) > 1:
            yield f"calendar.csv: {record} {period_id} twice"
    limited = [(limit.record, limit.against) for limit in data.fall_limits]
    for kind, against in dict.fromkeys(limited):
        if kind is not None and kind not in records():
            yield f"fall_limit.csv: {kind}: no such record kind in sql/record"
        if limited.count((kind, against)) > 1:
            yield f"fall_limit.csv: {kind or 'any kind'} {against} twice"


def _overlaps(file: str, spans: Iterable[tuple[str, str, date, date]]) -> Iterator[str]:
    """Sentences for keys that mean two things on one day; `spans` are (key, meaning, from, to)."""
    by_key: dict[str, list[tuple[date, date, str]]] = {}
    for key, meaning, first, last in spans:
        if first > last:
            yield f"{file}: {key} ({meaning}) ends before it starts"
        by_key.setdefault(key, []).append((first, last, meaning))
    for key, uses in by_key.items():
        uses.sort()
        for (_, last, meaning), (first, _, other) in pairwise(uses):
            if first <= last:  # even with one meaning: a join on the name would double the row
                yield f"{file}: {key} means both {meaning} and {other} on {first}"


def _unit_names(units: Iterable[Unit], dated: Iterable[Name]) -> Iterator[Name]:
    """Every spelling of every unit: those of unit.csv for as long as the unit exists, others as dated."""
    seen: set[Name] = set()
    own = {
        Name(name_key(text), u.unit_code, u.valid_from, u.valid_to): None
        for u in units
        for text in (u.unit_code, u.name, u.short_name, *u.aliases)
    }
    for name in (*own, *dated):
        if name not in seen:
            seen.add(name)
            yield name


def _change(row: dict[str, str]) -> UnitChange:
    return UnitChange(row["from_unit"], row["to_unit"], day(row["on_date"]))


def _town_division(town: Town) -> Division:
    return Division(town.code, town.name, "town", town.parent_code, EARLIEST, LATEST, town.source)


def _due(row: dict[str, str]) -> Due:
    return Due(row["record"], row["period_id"], day(row["due_on"]))
