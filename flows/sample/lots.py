"""From lots to rows: how many, on which days, what they stand for, and which of them are bad or told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Literal, NamedTuple

from flows.contract.catalogue import records
from flows.contract.record import ColumnType, Record
from flows.sample.cell_forms import Draft, LotTotals, between
from flows.sample.filler import KeyReader, RowFiller
from flows.sample.intent import DaySpan, FigureShare, PlannedRow
from flows.sample.plan import Continued, CountedFor, KindPlan, Lot, load_plan
from flows.sample.senders import Sender, alive

#: figure → unit → period → total, as the truth has them.
Figures = Mapping[str, Mapping[str, Mapping[str, str]]]

#: Kinds that the plan does not have: a few rows a year.
_BY_UNIT = KindPlan(lots=(Lot(rows=(3, 6), per="year"),))
_BY_CITY = KindPlan(sent_by="city", lots=(Lot(rows=(8, 8), per="year", about="some"),))
#: Days that are tried until a row's key is its own.
_TRIES = 30


class LotMaker:
    """Makes the rows of one sender, kind by kind; remembers them, because lots may continue one another."""

    def __init__(self, sender: Sender, others: Sequence[Sender] = (), figures: Figures | None = None) -> None:
        """An office's rows are about the `others`; it checks their `figures` of each year."""
        self.plan, self.sender = load_plan(sender.is_article), sender
        self.others, self.figures = others, figures or {}
        self.made: dict[str, list[tuple[PlannedRow, Draft]]] = {}  # by lot
        self._rows: dict[str, list[PlannedRow]] = {}

    def kind(self, record: Record) -> KindPlan:
        """A kind's lots: those of the plan, else a few rows a year from the contract alone."""
        is_about_units = any(c.type is ColumnType.UNIT for c in record.columns.values())
        unplanned = _BY_CITY if is_about_units else _BY_UNIT
        return self.plan.kinds.get(record.record) or unplanned

    def rows(self, record: Record) -> list[PlannedRow]:
        """All rows of a kind that fall into the unit's life."""
        if record.record not in self._rows:
            kind = self.kind(record)
            for lot in kind.lots:
                if lot.continues and (other := lot.continues.lot.partition(".")[0]) != record.record:
                    self.rows(records()[other])
            self.key, self.serial = KeyReader(record), 0
            self.keys, self.of_day = set[object](), Counter[date]()
            is_planned = record.record in self.plan.kinds
            lots = _planned(record.record, self.sender.is_article) if is_planned else _filled(record, kind)
            made = [row for lot in lots for row in _LotRows(self, record, lot).rows()]
            self._rows[record.record] = [row for row in made if self.sender.unit.exists_on(row.day)]
        return self._rows[record.record]


class _FilledLot(NamedTuple):
    """A lot with what fills its rows, and what makes one bad by the issue that must follow."""

    lot: Lot
    name: str
    is_sequel: bool  # it continues rows of its own kind, whose cells it then has
    filler: RowFiller
    faults: list[tuple[str, RowFiller]]


@cache
def _planned(kind: str, is_article: bool) -> list[_FilledLot]:
    return _filled(records()[kind], load_plan(is_article).kinds[kind])


def _filled(record: Record, kind: KindPlan) -> list[_FilledLot]:
    out = []
    for position, lot in enumerate(kind.lots):
        is_sequel = lot.continues is not None and lot.continues.lot.startswith(record.record + ".")
        filler = RowFiller(record, lot.cells if is_sequel else {**kind.cells, **lot.cells}, blank=is_sequel)
        faults = [(issue, RowFiller(record, cells, blank=True)) for issue, cells in lot.faults.items()]
        out.append(_FilledLot(lot, lot.id or str(position), is_sequel, filler, faults))
    return out


class _LotRows:
    """The rows of one lot."""

    def __init__(self, maker: LotMaker, record: Record, filled: _FilledLot) -> None:
        self._maker, self._record, self._lot, self._filled = maker, record, filled.lot, filled
        self._dice = maker.sender.dice(record.record, filled.name)
        lot = filled.lot
        self._figures = lot.figures if record.record in maker.plan.kinds else {record.record: None}
        unit, last = maker.sender.unit, maker.plan.last if lot.per else maker.plan.counted_to
        self._first = max(lot.first or maker.plan.first, unit.valid_from)
        self._last = min(lot.last or last, unit.valid_to)

    def rows(self) -> Iterator[PlannedRow]:
        made = self._maker.made.setdefault(f"{self._record.record}.{self._lot.id}", [])
        for run in self._runs():
            good = [(row, draft) for draft in run if (row := self._row(draft)) is not None]
            made += good
            yield from (row for row, _ in good)
            yield from self._bad(run)

    def _row(self, draft: Draft) -> PlannedRow | None:
        """One row with a key of its own: chance makes no duplicate that the truth does not know."""
        known = self._maker
        for _ in range(_TRIES):
            known.of_day[draft.day] += 1
            draft.of_day = known.of_day[draft.day]
            before = draft.source.values if self._filled.is_sequel and draft.source else {}
            values = self._filled.filler.fill(draft, dict(before))
            key = known.key.of(values)
            if key is None or key not in known.keys:
                known.keys.add(key)
                known.serial += 1
                ident = f"{draft.sender.code}/{self._record.record}/{known.serial}"
                subject = draft.subject.code if draft.subject else None
                return PlannedRow(values, draft.day, ident, tuple(self._shares(draft)), subject)
            if not draft.spans:
                break
            draft.day = _day(draft.dice, draft.spans)
        return None

    def _bad(self, run: Sequence[Draft]) -> Iterator[PlannedRow]:
        """Rows like those of the run that must not count for certain: all faults in Yongchuan, one in five elsewhere."""
        for number, (issue, spoil) in enumerate(self._filled.faults if run else (), 1):
            draft = replace(run[number * 7 % len(run)], n=90_000 + number)
            if draft.sender.is_article or draft.dice.random() < 0.2:
                values = spoil.fill(draft, self._filled.filler.fill(draft, dict(draft.values)))
                fate: Literal["open", "rejected"] = "open" if issue == "code_unknown" else "rejected"
                key = self._maker.key.of(values)
                if fate == "open" and key is not None:
                    if key in self._maker.keys:
                        continue
                    self._maker.keys.add(key)
                yield PlannedRow(values, draft.day, fate=fate, issues=(issue,))

    def _shares(self, draft: Draft) -> Iterator[FigureShare]:
        """What a row adds to the figures of its lot; nothing where the amount is not known."""
        values = draft.values
        for figure, counted in self._figures.items():
            spec = counted or _ROW
            on = values.get(spec.dated) if spec.dated else draft.day
            on = on.first if isinstance(on, DaySpan) else on
            amount = values.get(spec.amount) if isinstance(spec.amount, str) else spec.amount
            if isinstance(on, date) and isinstance(amount, int | Decimal):
                until = draft.day if spec.until == "day" else values.get(spec.until) if spec.until else None
                category = str(values.get(spec.category, spec.category)) if spec.category else None
                subject = spec.subject.format_map(draft) if spec.subject else None
                end = until if isinstance(until, date) else None
                yield FigureShare(figure, on, amount, category, subject, spec.stock, end)

    def _runs(self) -> Iterator[list[Draft]]:
        """The drafts of the lot: all in one run, but year by year or, of a register, day by day where it says so."""
        lot, dice = self._lot, self._dice
        size, turn = dice.randint(*lot.rows), 0
        if lot.per == "snapshot":
            state = dice.getstate()
            for day, share in self._maker.plan.snapshots.items():
                if self._first <= day <= self._last and size:
                    dice.setstate(state)  # the n-th of a register is the same one on every day
                    self._maker.keys = set()
                    yield self._run([day] * max(1, size * share // 1_000), share=share)
        elif lot.continues is not None:
            yield self._continued(lot.continues, size)
        elif lot.about is not None:
            yield list(self._about(size))
        elif lot.days:
            yield self._run([day for day in lot.days for _ in range(size)])
        elif years := self._years():
            for spans in [[span] for span in years] if lot.per == "year" else [years]:
                yield self._run(sorted(_day(dice, spans) for _ in range(size)), turn, spans)
                turn, size = turn + size, dice.randint(*lot.rows)

    def _run(
        self,
        days: Sequence[date],
        turn: int = 0,
        spans: Sequence[tuple[date, date]] = (),
        share: int | None = None,
    ) -> list[Draft]:
        """A draft for each day; `turn` is that of the first."""
        sender, lot, run = self._maker.sender, self._lot, LotTotals(len(days), share)
        numbers = [lot.start + (n % lot.of if lot.of else n) for n in range(turn, turn + len(days))]
        return [
            Draft(sender, self._dice, day, turn + i, number, run, spans)
            for i, (day, number) in enumerate(zip(days, numbers, strict=True))
        ]

    def _years(self) -> list[tuple[date, date]]:
        """First and last day of the lot in each year."""
        begin, end = self._lot.within
        years = range(self._first.year, self._last.year + 1)
        spans = [(date.fromisoformat(f"{y}-{begin}"), date.fromisoformat(f"{y}-{end}")) for y in years]
        clipped = [(max(self._first, a), min(self._last, b)) for a, b in spans]
        return [(a, b) for a, b in clipped if a <= b]

    def _continued(self, continued: Continued, size: int) -> list[Draft]:
        """`size` rows that go on from others, spread over them; in turns, if there are fewer."""
        fitting = []
        for row, origin in self._maker.made.get(continued.lot, ()):
            start = row.values.get(continued.dated) if continued.dated else row.day
            start = start.first if isinstance(start, DaySpan) else start
            if isinstance(start, date) and self._first <= start + timedelta(continued.days) <= self._last:
                fitting.append((row, origin, start + timedelta(continued.days)))
        step = max(1, len(fitting) // size) if size else 1
        chosen = [fitting[n * step % len(fitting)] for n in range(size)] if fitting else []
        run = self._run([day for _, _, day in chosen])
        for draft, (source, origin, _) in zip(run, chosen, strict=True):
            draft.source, draft.subject, draft.checked = source, origin.subject, origin.checked
            draft.n = origin.n if self._filled.is_sequel else draft.n
        return run

    def _about(self, size: int) -> Iterator[Draft]:
        """An office's rows on the units that a year assesses; lists go by the unit's rows where all are meant."""
        turn, each = 0, range(size if self._lot.about == "all" else 1)
        for span in self._years():
            for unit, checked in self._chosen(size, span[1].year):
                for own in each:
                    (draft,) = self._run([_day(self._dice, [span])], turn, [span])
                    draft.subject, draft.checked, draft.turn = unit, checked, own if len(each) > 1 else turn
                    yield draft
                    turn += 1

    def _chosen(self, size: int, year: int) -> list[tuple[Sender, tuple[str, str, int]]]:
        """The units that the lot is about in a year, with indicator, item and figure if those are checked."""
        units, about, figures = alive(self._maker.others, year), self._lot.about, self._maker.figures
        if about == "checked":
            stand = [
                (unit, (indicator, item, int(Decimal(by_unit.get(unit.code, {}).get(str(year), 0)))))
                for indicator, item in self._maker.plan.checked.items()
                if (by_unit := figures.get(indicator, {}))
                for unit in units
            ]
            return self._dice.sample([s for s in stand if s[1][2] >= 3], size)
        if about != "all":
            units = self._dice.sample(units, min(size, len(units)))
        return [(unit, ("", "", 0)) for unit in units]


_ROW = CountedFor()


def _day(dice: Random, spans: Sequence[tuple[date, date]]) -> date:
    """A day of one of some spans."""
    first, last = spans[between(dice, 0, len(spans) - 1)]
    return first + timedelta(days=between(dice, 0, (last - first).days))
