"""Divisions, assessed units and their names, periods and due days: what `data/reference/*.csv` say together.

A name means a unit only on certain days (万盛区总工会 until 2011-11, 万盛经开区总工会 since), and a
division code may have been used twice (500110), so every answer needs a day. Refuses to guess: matching is
exact after normalising, and a name that leads to two units on one day is an error in the files, found at
loading. Towns are matched by name: the two public tables of town codes disagree on most of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from flows.contract.catalogue import ROOT, ContractError
from flows.contract.reference_rows import (
    EARLIEST,
    LATEST,
    Division,
    Due,
    Name,
    Period,
    Unit,
    UnitChange,
    dated_name_row,
    day,
    division_row,
    name_key,
    period_row,
    read_rows,
    unit_row,
)

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
    "Unit",
    "UnitChange",
    "name_key",
    "problems_of",
    "reference",
]


@dataclass(frozen=True)
class Reference:
    """All reference data, checked. Rows are in file order."""

    divisions: tuple[Division, ...]
    units: tuple[Unit, ...]
    unit_names: tuple[Name, ...]
    unit_changes: tuple[UnitChange, ...]
    periods: tuple[Period, ...]
    calendar: tuple[Due, ...]
    #: 9-digit town codes on which the public tables agree; any other code is ambiguous and never matched.
    agreed_town_codes: frozenset[str] = frozenset()

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

    def localities(self) -> Iterator[tuple[str, Name]]:
        """(sender, name) of every spelling of a division a sender may use: its district and its towns.

        Names come bare (青峰), full (青峰镇) and with the district in front. The same town names recur in
        other districts, so a name is only good for its own sender. Of a sender's names no two overlap: where
        only the year of a change is known, the new division has the name in that year.
        """
        towns: dict[str | None, list[Division]] = {}
        for division in self.divisions:
            if division.level == "town":
                towns.setdefault(division.parent_code, []).append(division)
        for unit in self.units:
            by_key: dict[str, list[Division]] = {}
            for own in sorted(self.divisions_of(unit.unit_code), key=lambda d: d.valid_from):
                for place in (own, *towns.get(own.code, ())):
                    for key in _locality_keys(place, own, self.agreed_town_codes):
                        by_key.setdefault(key, []).append(place)
            for key, places in by_key.items():
                for place, after in zip_longest(places, places[1:]):
                    last = place.valid_to if after is None else min(place.valid_to, after.valid_from - _DAY)
                    yield unit.unit_code, Name(key, place.code, place.valid_from, last)

    def resolve_division(self, text: str, sender: str, on: date) -> str | None:
        """The division code that `text` means in a sender's territory on a day, or None."""
        key = name_key(text)
        of_sender = (n for s, n in self._localities if s == sender and n.key == key)
        found = {n.code for n in of_sender if n.valid_from <= on <= n.valid_to}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _localities(self) -> tuple[tuple[str, Name], ...]:
        return tuple(self.localities())

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """All 6-digit division codes of all times, sorted: what a citizen ID of this area may start with."""
        return tuple(sorted({d.code for d in self.divisions if d.level == "district"}))


def _locality_keys(place: Division, district: Division, agreed: frozenset[str]) -> Iterator[str]:
    full = name_key(place.name)
    bare = re.sub("(街道|镇|区|县)$", "", full)
    spellings = {full, bare} if len(bare) > 1 else {full}
    if place.level == "town":
        whole = name_key(district.name) + full
        spellings |= {whole, "重庆市" + whole, full + "办事处", full + "人民政府"}
        if place.code in agreed:
            spellings.add(place.code)
    else:
        spellings |= {"重庆市" + full, place.code}
    yield from sorted(spellings)


@cache
def reference(root: Path = ROOT) -> Reference:
    """Load and check `data/reference/`; `ContractError` with file, line and reason."""
    folder = root / "data" / "reference"
    units = tuple(read_rows(folder / "unit.csv", unit_row))
    out = Reference(
        divisions=tuple(read_rows(folder / "division.csv", division_row)),
        units=units,
        unit_names=tuple(_unit_names(units, read_rows(folder / "unit_name.csv", dated_name_row))),
        unit_changes=tuple(read_rows(folder / "unit_change.csv", _change)),
        periods=tuple(read_rows(folder / "period.csv", period_row)),
        calendar=tuple(read_rows(folder / "calendar.csv", _due)),
        agreed_town_codes=_agreed(
            tuple(read_rows(folder / "town_code.csv", lambda r: (r["code"], r["name"])))
        ),
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


def _due(row: dict[str, str]) -> Due:
    return Due(row["record"], row["period_id"], day(row["due_on"]))


def _agreed(codes: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Codes that mean one town in every table that has them."""
    towns: dict[str, set[str]] = {}
    for code, name in codes:
        towns.setdefault(code, set()).add(name)
    return frozenset(code for code, names in towns.items() if len(names) == 1)
