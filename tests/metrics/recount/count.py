"""One indicator counted for every unit, period and category: a function per shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pandas as pd

from flows.contract.catalogue import records
from flows.contract.indicator import Indicator, Shape
from tests.metrics.recount.facts import NEVER, Facts, days
from tests.metrics.recount.number import MILLION, NOTHING, Measure, Number, added, measures, state_number
from tests.metrics.recount.rows import Column, Rows

Key = tuple[str, str, str, str | None]  # indicator, unit, period, category
Measures = dict[str, list[Measure | None]]  # by category, then by period


class Count:
    """One indicator counted for every unit, period and category."""

    def __init__(self, facts: Facts, indicator: Indicator, rows: Rows) -> None:
        self.facts, self.indicator = facts, indicator
        kinds = [records()[name] for name in indicator.records]
        self.rolls = {kind.record for kind in kinds if kind.snapshot}
        self.day_of = {p.part_id: days(p.covers_to) for p in facts.parts if p.record in self.rolls}
        self.roll_of = {
            (p.part_id, unit): (p.record, unit, days(p.covers_to))
            for p in facts.parts
            for unit in p.units
            if p.record in self.rolls
        }
        shape = indicator.shape
        self.is_stock = shape is Shape.STOCK or (shape is Shape.RATIO and indicator.at == "end")
        self.is_edition = shape is Shape.EDITION
        self.by_subject = self.is_stock and bool((rows.subject >= 0).any())
        # a table of its totals, or a roll, that a city sends is not added to those of its units
        self.adds_own = not self.is_stock and not any(kind.snapshot or kind.years_across for kind in kinds)
        ends = [facts.ends[name] for name in indicator.records if name in facts.ends]
        self.is_owed = facts.first <= days(max(ends, default=date.min))
        by_unit = pd.Series(rows.part).groupby(rows.unit).indices
        self.rows_of = {str(unit): rows.where(found) for unit, found in by_unit.items()}
        self.no_rows = rows.where(np.zeros(0, dtype=int))

    def numbers(self) -> Iterator[tuple[Key, Number]]:
        """What `metric.value` should have of the indicator."""
        facts, name = self.facts, self.indicator.indicator
        is_due, is_rate = self._is_due(), self.indicator.is_rate
        for unit, itself in facts.units.items():
            measures = self._measures(unit)
            total = measures.pop("", [None] * len(facts.periods))
            if itself.is_assessed or itself.kind == "city" or any(m is not None for m in total):
                silent = facts.silent(self.indicator.reported_by, unit)
                for at, (period, first, last) in enumerate(facts.periods):
                    if is_due[at]:
                        existed = itself.valid_from <= last and itself.valid_to >= first
                        yield (
                            (name, unit, period, None),
                            state_number(total[at], is_rate, silent[at], existed),
                        )
            for category, found in measures.items():
                for (period, _, _), m in zip(facts.periods, found, strict=True):
                    if m and (m.numerator is not None or m.denominator is not None or m.undecided):
                        yield (name, unit, period, category), state_number(m, is_rate, False, True)

    def _is_due(self) -> list[bool]:
        """Periods in which anybody handed in anything, or anything of these kinds: nobody owed a report in others."""
        parts, units = self.facts.parts, self.facts.units
        mine = [p for p in parts if p.record in self.indicator.records]
        official = [
            p
            for p in parts
            if p.sender in units and (units[p.sender].is_assessed or units[p.sender].kind == "city")
        ]
        spans = [
            (min(p.covers_from for p in some), max(p.covers_to for p in some))
            for some in (mine, official)
            if some
        ]
        return [
            any(since <= last and until >= first for since, until in spans)
            for _, first, last in self.facts.periods
        ]

    def _measures(self, unit: str) -> Measures:
        """What the rows of a unit and of whoever counts for it come to."""
        found = [
            self.rows_of[m.unit]._replace(
                before=np.full(len(self.rows_of[m.unit].unit), NEVER if m.before is None else m.before),
                is_own_of_city=np.full(len(self.rows_of[m.unit].unit), m.is_own_of_city),
            )
            for m in self.facts.members(unit)
            if m.unit in self.rows_of
        ]
        rows = (
            Rows(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
            if found
            else self.no_rows
        )
        if self.indicator.shape is Shape.STREAK:
            return self._streak(rows, self.facts.units[unit].kind == "city")
        if self.indicator.shape is Shape.COVERAGE:
            return self._coverage(rows)
        if self.is_stock:
            return self._stock(rows)
        rows = self._in_period(rows)
        if self.indicator.shape in (Shape.DISTINCT, Shape.EDITION):
            return self._per_category(rows, self._subjects, with_no_id=not self.is_edition)
        return self._per_category(rows, self._sums)

    def _in_period(self, rows: Rows) -> Rows:
        """Events: inside a period with all their days, or touching it. What left a unit no longer counts for it."""
        rows = rows.where((rows.until < rows.before) & (self.adds_own | ~rows.is_own_of_city))
        since, until, facts = rows.since[:, None], rows.until[:, None], self.facts
        inside = (since >= facts.first) & (until <= facts.last)
        if self.is_edition:
            inside &= (rows.subject >= 0)[:, None]
        return rows.placed(inside, (since <= facts.last) & (until >= facts.first))

    def _on_roll(self, rows: Rows) -> Rows:
        """Rows of rolls: in every period on whose last day their roll stands."""
        units, parts = pd.factorize(rows.unit)[0], pd.factorize(rows.part)[0]
        _, where, of_row = np.unique(parts * (len(units) + 1) + units, return_index=True, return_inverse=True)
        rolls = [self.roll_of.get((rows.part[at], rows.unit[at])) for at in where]
        never = np.zeros(len(self.facts.periods), dtype=bool)
        stands = np.array([never, *(self.facts.standing[r] if r else never for r in rolls)])[of_row + 1]
        is_mine = np.array([0, *(r[2] if r else NEVER for r in rolls)])[of_row + 1] < rows.before
        return rows.placed(stands, stands).where(is_mine & ~rows.is_own_of_city & stands.any(axis=1))

    def _standing(self, rows: Rows) -> Rows:
        """Rows with a validity of their own: in every period on whose last day they are valid."""
        rows = rows.where((rows.since < rows.before) & ~rows.is_own_of_city)
        last = self.facts.last
        valid = (rows.since[:, None] <= last) & (rows.until[:, None] >= last) & self.is_owed
        return rows.placed(valid, valid)

    def _stock(self, rows: Rows) -> Measures:
        is_on_roll = np.isin(rows.part, list(self.day_of))
        on_roll, standing = self._on_roll(rows.where(is_on_roll)), self._standing(rows.where(~is_on_roll))
        if not self.by_subject:
            both = Rows(*(np.concatenate(columns) for columns in zip(on_roll, standing, strict=True)))
            return self._per_category(both, self._sums)
        # rolls stand for months: each state of them is counted once
        periods = [column.tobytes() for column in on_roll.may.T]
        number = {state: n for n, state in enumerate(dict.fromkeys(periods))}
        state_of = [number[state] for state in periods]
        states = on_roll.may[:, [periods.index(state) for state in number]]
        on_roll = on_roll.placed(states, states)
        by_roll = self._per_category(on_roll, self._persons_on_rolls)
        if (on_roll.subject < 0).any():
            by_roll["no_id"] = self._without_id_on_rolls(on_roll.where(on_roll.subject < 0))
        by_validity = self._per_category(standing, self._subjects)
        nothing: list[Measure | None] = [None] * len(self.facts.periods)
        out: Measures = {}
        for category in {*by_roll, *by_validity}:
            found = by_roll.get(category, nothing)
            of_period = [found[state] for state in state_of] if category in by_roll else nothing
            out[category] = [
                added(a, b) for a, b in zip(of_period, by_validity.get(category, nothing), strict=True)
            ]
        return out

    def _per_category(
        self, rows: Rows, measure: Callable[[Rows], list[Measure | None]], with_no_id: bool = False
    ) -> Measures:
        """The total and each category; persons without an ID are one of their own beside the one they are in."""
        out = {"": measure(rows)}
        for category in {*rows.category} - {""}:
            out[category] = measure(rows.where(rows.category == category))
        if with_no_id and (rows.subject < 0).any():
            out["no_id"] = measure(rows.where(rows.subject < 0))
        return out

    def _sums(self, rows: Rows) -> list[Measure | None]:
        """Counts, sums and rates of sums."""
        numerators = rows.sums("numerator", rows.inside)
        low = [n or 0 for n in numerators]
        return measures(
            rows.may.any(axis=0),
            numerators,
            rows.sums("denominator", rows.inside),
            *rows.counts(),
            low,
            rows.upper_sums("numerator"),
            rows.upper_sums("denominator"),
        )

    def _subjects(self, rows: Rows) -> list[Measure | None]:
        """Different persons or editions; whoever has no ID is one more, or perhaps nobody new."""
        records, undecided, rejected, is_open = rows.counts()
        known = rows.distinct(rows.inside)
        people = known + rows.anonymous(rows.inside)
        low = known if self.is_stock else np.maximum(known, np.minimum(records, 1))
        high = rows.distinct(rows.may) + rows.anonymous(rows.may)
        return measures(
            rows.may.any(axis=0),
            _or_none(people),
            NOTHING,
            records,
            undecided,
            rejected,
            is_open,
            low * MILLION,
            high * MILLION,
            NOTHING,
        )

    def _persons_on_rolls(self, rows: Rows) -> list[Measure | None]:
        """A person on the rolls of two units is one of their city; the bounds of a unit are added up over its rolls."""
        keys = np.array(
            [f"{self.roll_of[address][:2]}" for address in zip(rows.part, rows.unit, strict=True)]
        )
        low = high = summed = np.zeros(rows.may.shape[1], dtype=int)
        for key in sorted(set(keys)):
            roll = rows.where(keys == key)
            known = roll.distinct(roll.inside)
            summed = summed + known
            low = low + np.maximum(known, np.minimum(roll.inside.sum(axis=0), 1))
            high = high + roll.distinct(roll.may) + roll.anonymous(roll.may)
        known = rows.distinct(rows.inside)
        twice = summed - known
        return measures(
            rows.may.any(axis=0),
            _or_none(known + rows.anonymous(rows.inside)),
            NOTHING,
            *rows.counts(),
            (low - twice) * MILLION,
            (high - twice) * MILLION,
            NOTHING,
        )

    def _without_id_on_rolls(self, rows: Rows) -> list[Measure | None]:
        """They may all be listed under an ID as well."""
        records, undecided, rejected, is_open = rows.counts()
        high = rows.may.sum(axis=0)
        numerators = (records * MILLION).tolist()
        return measures(
            high > 0,
            numerators,
            NOTHING,
            records,
            undecided,
            rejected,
            is_open,
            0 * high,
            high * MILLION,
            NOTHING,
        )

    def _coverage(self, rows: Rows) -> Measures:
        """How many of a population (rows with a denominator) were reached (rows without one, or of their own numerator)."""
        is_population = rows.has_denominator & (rows.denominator > 0)
        population = rows.where(is_population)
        population = self._on_roll(population) if self.indicator.at == "end" else self._in_period(population)
        hits = self._in_period(rows.where(~is_population & rows.has_numerator & (rows.numerator > 0)))
        subjects = rows.subject.max(initial=-1) + 1
        reached, perhaps = hits.by_subject(hits.inside, subjects), hits.by_subject(hits.may, subjects)
        unknown, doubtful = hits.anonymous(hits.may), (hits.may & ~hits.inside).sum(axis=0)

        def measure(people: Rows) -> list[Measure | None]:
            own = (people.numerator > 0)[:, None]
            nobody = people.subject < 0
            inside, may = (people.by_subject(m, subjects) for m in (people.inside, people.may))
            counted = inside & (reached | people.by_subject(people.inside & own, subjects))
            possible = may & (perhaps | people.by_subject(people.may & own, subjects))
            numerators = counted.sum(axis=0) + (people.inside & own)[nobody].sum(axis=0)
            denominators = inside.sum(axis=0) + people.inside[nobody].sum(axis=0)
            most = may.sum(axis=0) + people.may[nobody].sum(axis=0)
            high = possible.sum(axis=0) + (people.may & own)[nobody].sum(axis=0) + unknown
            records, undecided, _, is_open = people.counts()
            total = undecided + (doubtful if people is population else 0)
            open_hits = (hits.may & hits.is_open[:, None]).sum(axis=0) if people is population else 0
            return measures(
                people.may.any(axis=0),
                (numerators * MILLION).tolist(),
                (denominators * MILLION).tolist(),
                records,
                total,
                undecided,
                is_open + open_hits,
                numerators * MILLION,
                np.minimum(high, most) * MILLION,
                most * MILLION,
            )

        return self._per_category(population, measure)

    def _streak(self, rows: Rows, is_city: bool) -> Measures:
        """The run of awarded years that ends with the last decided one; decided is a year by the middle of the next."""
        rows = rows.where(
            (rows.until < rows.before) & (rows.subject >= 0) & (rows.is_own_of_city | (not is_city))
        )
        out: list[Measure | None] = []
        for at, (_, _, last) in enumerate(self.facts.periods):
            mine = rows.where((rows.since <= days(last)) & self.is_owed[at])
            if not len(mine.unit):
                out.append(None)
                continue
            oldest = last.year - (2 if last.month <= 6 else 1)
            is_award = mine.has_numerator & (mine.numerator > 0)
            awarded = {*mine.year[mine.is_accepted & is_award].tolist()}
            decided = {*mine.year[mine.is_accepted].tolist()}
            sure = _run(awarded, max(decided, default=0), oldest)
            perhaps = _run({*mine.year[is_award | ~mine.has_numerator].tolist()}, mine.year.max(), oldest)
            undecided = int((~mine.is_accepted).sum())
            out.append(
                Measure(
                    sure * MILLION if decided else None,
                    None,
                    int(mine.is_accepted.sum()),
                    undecided,
                    undecided,
                    int(mine.is_open.sum()),
                    0 if undecided else sure * MILLION,
                    max(sure, perhaps) * MILLION,
                    None,
                )
            )
        return {"": out}


def _or_none(people: Column) -> list[int | None]:
    return [n * MILLION or None for n in people.tolist()]


def _run(awarded: set[int], last: int, oldest: int) -> int:
    """Years in a row up to the last one, which must not be older than the oldest."""
    years = 0
    while last >= oldest and last - years in awarded:
        years += 1
    return years
