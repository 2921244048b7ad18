"""What a published edition says a number rests on: whose rows, which rolls, which parts in force, which reports.

Reads the warehouse's tables of parts and units only, never a row of a record; `flows/audit/recount.py` counts by what
this says. The rules are those of `sql/metric/work/*.sql` and `measured/*.sql`, for one unit and period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from flows.audit.recount import Question
from flows.contract.indicator import Shape
from flows.contract.record import Record
from flows.metrics.indicator_sql import IndicatorSql
from flows.metrics.values import adds_own

_DAY = timedelta(days=1)


class Part(NamedTuple):
    """A part in force and a unit it reports on."""

    part_id: int
    unit: str
    record: str
    sender: str
    covers_from: date
    covers_to: date


class Unit(NamedTuple):
    """A unit as reference data has it."""

    unit: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None


class Period(NamedTuple):
    """First and last day."""

    first_on: date
    last_on: date


@dataclass(frozen=True)
class Basis:
    """A question with what it is answered from. `read`: parts to read again.

    `reported`: the parts that cover the period for every kind that has to be handed in, so that no rows mean zero;
    None where something is missing, so that no rows mean nothing.
    """

    question: Question
    read: tuple[int, ...]
    reported: tuple[int, ...] | None


@dataclass(frozen=True)
class HandedIn:
    """What is in force of some record kinds, and how units follow each other."""

    parts: tuple[Part, ...]
    units: Mapping[str, Unit]
    changes: tuple[tuple[str, str, date], ...]  # from, to, on
    kinds: Mapping[str, Record]

    def basis(self, compiled: IndicatorSql, unit: str, period: Period) -> Basis:
        """What a number is answered from; the question is that of the total."""
        indicator = compiled.indicator
        members = self._members(compiled, unit)
        at_end = compiled.family == "coverage" and indicator.at == "end"
        rolls, standing = {}, frozenset[tuple[int, str]]()
        if compiled.family == "stock" or at_end:
            rolls = {p.part_id: p.covers_to for p in self.parts if self.kinds[p.record].snapshot}
            standing = self._standing(period)
        question = Question(
            compiled.family, *period, members, rolls, standing, None, compiled.by_subject,
            indicator.shape is Shape.EDITION, at_end, period.first_on > max(self._ends().values(), default=date.min),
        )  # fmt: skip
        # every list of events, whatever period it is of: which rows lie in the period only the rows can say
        mine = [p for p in self.parts if p.unit in members]
        read = {p.part_id for p in mine if p.part_id not in rolls or (p.part_id, p.unit) in standing}
        return Basis(question, tuple(sorted(read)), self._all_reported(indicator.reported_by, unit, period))

    def _ends(self) -> dict[str, date]:
        """The last day that anything of a kind is about: beyond it nobody owed a report."""
        ends: dict[str, date] = {}
        for p in self.parts:
            ends[p.record] = max(p.covers_to, ends.get(p.record, date.min))
        return ends

    def _lineage(self, unit: str) -> dict[str, date]:
        """What became part of a unit, over any number of steps, with the day from which it no longer counts."""
        found: dict[str, date] = {}
        waiting = [(unit, date.max)]
        while waiting:
            to, before = waiting.pop()
            for from_unit, to_unit, on in self.changes:
                if to_unit == to and from_unit not in found:
                    found[from_unit] = min(on, before)
                    waiting.append((from_unit, found[from_unit]))
        return found

    def _members(self, compiled: IndicatorSql, unit: str) -> dict[str, date | None]:
        own: dict[str, date | None] = {unit: None}
        if self.units[unit].kind != "city":
            return own | dict(self._lineage(unit))
        if compiled.family == "streak":  # the run of a district is not one of its city
            return own
        children = {u.unit: None for u in self.units.values() if u.parent == unit}
        return (own if adds_own(compiled, self.kinds) else {}) | children

    def _standing(self, period: Period) -> frozenset[tuple[int, str]]:
        """The (part, unit) of each unit's last roll by the last day, unless its successor has one by then."""
        ends = self._ends()
        rolls = [
            p for p in self.parts
            if self.kinds[p.record].snapshot and p.covers_to <= period.last_on and period.first_on <= ends[p.record]
        ]  # fmt: skip
        last: dict[tuple[str, str], date] = {}
        for p in rolls:
            last[p.record, p.unit] = max(p.covers_to, last.get((p.record, p.unit), date.min))
        gone = {
            (record, from_unit)
            for (record, unit), day in last.items()
            for from_unit, to_unit, on in self.changes
            if to_unit == unit and day >= on
        }
        return frozenset(
            (p.part_id, p.unit)
            for p in rolls
            if (p.record, p.unit) not in gone and last[p.record, p.unit] == p.covers_to
        )

    def _all_reported(self, needed: Iterable[str], unit: str, period: Period) -> tuple[int, ...] | None:
        own = self._reported(needed, unit, period)
        if own is None and self.units[unit].kind == "city":
            children = [u for u in self.units.values() if u.parent == unit and _existed(u, period)]
            each = [self._reported(needed, u.unit, period) for u in children]
            own = {p for found in each for p in found or ()} if each and None not in each else None
        return None if own is None else tuple(sorted(own))

    def _reported(self, needed: Iterable[str], unit: str, period: Period) -> set[int] | None:
        """The parts with which one unit handed in every kind for the period; None if something is missing."""
        lineage = {} if self.units[unit].kind == "city" else self._lineage(unit)
        spoken = [p for p in self.parts if p.unit == unit or p.unit in lineage]
        # a list of events sent by an office is complete for all its units
        spoken += [
            p
            for p in self.parts
            if self.kinds[p.record].office_speaks_for_all and self.units[unit].parent == p.sender
        ]
        found: set[int] = set()
        for record in needed:
            spans = [_until(p, lineage.get(p.unit)) for p in spoken if p.record == record]
            if (covering := self._covering(record, spans, unit, bool(lineage), period)) is None:
                return None
            found |= covering
        return found

    def _covering(
        self, record: str, spans: list[Part], unit: str, has_past: bool, period: Period
    ) -> set[int] | None:
        """Parts that together cover the unit's share of the period; of a roll, the last by its end."""
        kind, itself = self.kinds[record], self.units[unit]
        if kind.years_across:  # a figure that is not in it is not reported
            return None
        if kind.snapshot:
            rolls = [p for p in spans if p.covers_to <= period.last_on]
            last = max((p.covers_to for p in rolls), default=None)
            is_owed = last is not None and period.first_on <= self._ends()[record]
            return {p.part_id for p in rolls if p.covers_to == last} if is_owed else None
        due = period.first_on if has_past else max(period.first_on, itself.valid_from or date.min)
        end, used = min(period.last_on, itself.valid_to or date.max), set()
        for p in sorted(spans, key=lambda p: (p.covers_from, p.covers_to)):
            if p.covers_from <= due <= p.covers_to and due <= end:
                used.add(p.part_id)
                due = p.covers_to + _DAY
        return used if due > end else None


def handed_in(
    con: duckdb.DuckDBPyConnection, records: Iterable[str], kinds: Mapping[str, Record]
) -> HandedIn:
    """What the warehouse at `con` has in force of some record kinds."""
    parts = con.execute(
        "select p.part_id, u.unit_code, p.record, p.sender, p.covers_from, p.covers_to from meta.part_in_force as p "
        "join meta.part_unit as u on u.part_id = p.part_id where list_contains($records, p.record) order by all",
        {"records": list(records)},
    ).fetchall()
    units = con.execute("select unit_code, kind, parent_code, valid_from, valid_to from ref.unit").fetchall()
    changes = con.execute("select from_unit, to_unit, on_date from ref.unit_change order by all").fetchall()
    return HandedIn(
        tuple(Part(*row) for row in parts), {row[0]: Unit(*row) for row in units}, tuple(changes), kinds
    )


def _until(part: Part, before: date | None) -> Part:
    return part if before is None else part._replace(covers_to=min(part.covers_to, before - _DAY))


def _existed(unit: Unit, period: Period) -> bool:
    return (unit.valid_from or date.min) <= period.last_on and (unit.valid_to or date.max) >= period.first_on
