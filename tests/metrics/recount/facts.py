"""What counting needs beside the rows: units and how they follow each other, periods, parts in force, who reported what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import duckdb
import numpy as np

from flows.contract.catalogue import records

#: Later, or earlier if negative, than any day.
NEVER = 10**9

Matrix = Any  # numpy array of rows by periods, true where a row counts


class Member(NamedTuple):
    """A unit whose rows count for another, `before` a day."""

    unit: str
    before: int | None
    is_own_of_city: bool = False


@dataclass(frozen=True)
class Unit:
    kind: str
    parent: str | None
    valid_from: date
    valid_to: date
    is_assessed: bool


@dataclass(frozen=True)
class Part:
    part_id: int
    record: str
    sender: str
    units: tuple[str, ...]
    covers_from: date
    covers_to: date


class Facts:
    """What counting needs beside the rows: units and how they follow each other, periods, parts in force."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.units = {
            code: Unit(kind, parent, since or date.min, until or date.max, bool(assessed))
            for code, kind, parent, since, until, assessed in con.execute(
                "select unit_code, kind, parent_code, valid_from, valid_to, is_assessed from ref.unit"
            ).fetchall()
        }
        self.changes: list[tuple[str, str, date]] = con.execute(
            "select from_unit, to_unit, on_date from ref.unit_change"
        ).fetchall()
        self.periods: list[tuple[str, date, date]] = con.execute(
            "select period_id, from_on, to_on from ref.period order by all"
        ).fetchall()
        self.parts = [
            Part(part_id, record, sender, tuple(units), since, until)
            for part_id, record, sender, units, since, until in con.execute(
                "select p.part_id, p.record, p.sender, list(u.unit_code), p.covers_from, p.covers_to "
                "from meta.part_in_force as p join meta.part_unit as u on u.part_id = p.part_id group by all"
            ).fetchall()
        ]
        self.first = np.array([days(first) for _, first, _ in self.periods])
        self.last = np.array([days(last) for _, _, last in self.periods])
        self.ends: dict[str, date] = {}
        for part in self.parts:
            self.ends[part.record] = max(part.covers_to, self.ends.get(part.record, date.min))

    @cached_property
    def lineage(self) -> dict[str, dict[str, date]]:
        """Unit → what became part of it, over any number of steps, with the day from which it no longer counts."""
        out: dict[str, dict[str, date]] = {unit: {} for unit in self.units}
        for unit, past in out.items():
            waiting = [(unit, date.max)]
            while waiting:
                to, before = waiting.pop()
                for from_unit, to_unit, on in self.changes:
                    if to_unit == to:
                        past[from_unit] = min(on, before)
                        waiting.append((from_unit, past[from_unit]))
        return out

    def members(self, unit: str) -> list[Member]:
        """Whose rows count for a unit: its own, those of what became part of it; for a city those of its units."""
        is_city = self.units[unit].kind == "city"
        children = [Member(code, None) for code, u in self.units.items() if is_city and u.parent == unit]
        past = [Member(code, days(before)) for code, before in self.lineage[unit].items()]
        return [Member(unit, None, is_city), *past, *children]

    @cached_property
    def standing(self) -> dict[tuple[str, str, int], Matrix]:
        """(record, unit, day of a roll) → in which periods that roll says how the unit stands on the last day."""
        days_of: dict[tuple[str, str], set[int]] = {}
        for part in self.parts:
            if records()[part.record].snapshot:
                for unit in part.units:
                    days_of.setdefault((part.record, unit), set()).add(days(part.covers_to))
        latest: dict[tuple[str, str], Matrix] = {}
        for (record, unit), known in days_of.items():
            owed = self.first <= days(self.ends[record])
            each = [np.where((day <= self.last) & owed, day, -NEVER) for day in known]
            latest[record, unit] = np.max(each, axis=0)
        out = {}
        for (record, unit), known in days_of.items():
            stands = latest[record, unit] > -NEVER
            for from_unit, to_unit, on in self.changes:
                if from_unit == unit and (record, to_unit) in latest:
                    stands = stands & (latest[record, to_unit] < days(on))
            for day in known:
                out[record, unit, day] = stands & (latest[record, unit] == day)
        return out

    def silent(self, needed: Iterable[str], unit: str) -> list[bool]:
        """In which periods a unit handed in everything that is needed, so that no rows mean zero."""
        own = self._all_reported(needed, unit)
        if self.units[unit].kind != "city":
            return own
        children = [
            (u, self._all_reported(needed, code)) for code, u in self.units.items() if u.parent == unit
        ]
        for at, (_, first, last) in enumerate(self.periods):
            then = [found[at] for u, found in children if u.valid_from <= last and u.valid_to >= first]
            own[at] = own[at] or (bool(then) and all(then))
        return own

    def _all_reported(self, needed: Iterable[str], unit: str) -> list[bool]:
        each = [self._reported(record, unit) for record in needed]
        return [all(column) for column in zip(*each, strict=True)]

    def _reported(self, record: str, unit: str) -> list[bool]:
        """In which periods a unit handed in one kind; kept, for many indicators read the same."""
        if (record, unit) not in self._kept:
            self._kept[record, unit] = self._reported_in(record, unit)
        return self._kept[record, unit]

    @cached_property
    def _kept(self) -> dict[tuple[str, str], list[bool]]:
        return {}

    def _reported_in(self, record: str, unit: str) -> list[bool]:
        kind, itself = records()[record], self.units[unit]
        past = {} if itself.kind == "city" else self.lineage[unit]
        office_speaks = "unit_code" in kind.columns and not kind.snapshot and not kind.years_across
        spans = []
        for code, before in {unit: date.max, **past}.items():
            for part in self.parts:
                speaks = code in part.units or (office_speaks and part.sender == self.units[code].parent)
                if part.record == record and speaks:
                    until = (
                        part.covers_to if before == date.max else min(part.covers_to, before - timedelta(1))
                    )
                    spans.append((part.covers_from, until))
        if kind.years_across or not spans:
            return [False] * len(self.periods)
        if kind.snapshot:
            earliest = min(until for _, until in spans)
            return [earliest <= last and first <= self.ends[record] for _, first, last in self.periods]
        merged: list[tuple[date, date]] = []
        for since, until in sorted(s for s in spans if s[0] <= s[1]):
            if merged and since <= merged[-1][1] + timedelta(1):
                merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
            else:
                merged.append((since, until))
        return [
            any(
                since <= (first if past else max(first, itself.valid_from))
                and until >= min(last, itself.valid_to)
                for since, until in merged
            )
            for _, first, last in self.periods
        ]


def days(day: date) -> int:
    """Days since 1970; the ends of time stay comparable."""
    return (day - date(1970, 1, 1)).days
