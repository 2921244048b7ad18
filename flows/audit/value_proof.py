"""A published number followed back to the files it came from, and whether it follows from them.

What is proven, in this order: the bytes in the vault are those that arrived (`reload.py`); the indicator's own SELECT over
the rows read from them gives the published rows, one by one; the rows that lie in the period come to the published number,
and so does the aggregation run anew (`compare.py`). That the aggregation is right is no question of one number: the tests
count every number of the sample by rules written apart from it. Refuses to explain a difference away: each is named, and one
is enough for "not proven". The published file is opened read-only; no key, name or other cell of a person leaves the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from flows.audit.compare import (
    RowsOfIndicator,
    aggregated,
    compare_deliveries,
    compare_number,
    compare_parts,
    published_value,
    sources_of,
)
from flows.audit.lineage import Lineage, PeriodAsked, PlacedRows, lineage_of
from flows.audit.proof_model import (
    CountedRow,
    NotPublishedError,
    PublishedValue,
    SourceTable,
    UncountedRow,
    ValueProof,
)
from flows.audit.redact import cells, idle_parts, passed_over
from flows.audit.reload import UnsoundDelivery, reload_deliveries
from flows.contract.catalogue import ROOT, records
from flows.contract.fingerprint import row_meaning
from flows.contract.indicator import Indicator, indicators
from flows.contract.paths import Paths
from flows.database.connect import open_published, run_file
from flows.language import _
from flows.metrics.indicator_sql import IndicatorSql, compile_indicator
from flows.metrics.values import Span
from flows.normalise.load import Progress

#: Is handed indicator, row and where it stands.
RowSink = Callable[[str, CountedRow, SourceTable], None]


@dataclass(frozen=True)
class ValueAsked:
    """What to prove: one indicator of one unit, for one period; `category` None is the total.

    `limit` rows are kept to be shown; `with_passed` also looks for the rows that do not count; `sink` is handed every
    row that does.
    """

    unit: str
    indicator: str
    period: str
    category: str | None = None
    limit: int = 20
    with_passed: bool = False
    sink: RowSink | None = None


def prove_value(paths: Paths, asked: ValueAsked, progress: Progress | None = None) -> ValueProof:
    """Read again what a number rests on; `NotPublishedError` for a unit or period that the published file does not know."""
    [proof] = prove_values(paths, asked, [asked.category], progress)
    return proof


def prove_values(
    paths: Paths, asked: ValueAsked, categories: Sequence[str | None], progress: Progress | None = None
) -> list[ValueProof]:
    """Prove several categories of one indicator and period: their files are read once.

    Args:
        paths: Where vault and published file lie.
        asked: What to prove; its own category is not looked at.
        categories: None is the total.
        progress: Is told of files compared and read.

    Returns:
        A proof per category, in that order.

    Raises:
        NotPublishedError: The published file has no such unit or period.
    """
    with open_published(paths.warehouse_file()) as edition:
        prover = ValueProver(edition, {asked.unit: {(asked.indicator, asked.period)}}, asked.with_passed)
        with prover.reread(paths, progress):
            return prover.prove(asked, categories)


class ValueProver:
    """Proves any number of values from one reading of their files; what several of them share is made once."""

    def __init__(
        self,
        edition: duckdb.DuckDBPyConnection,
        asked: Mapping[str, Collection[tuple[str, str]]],
        with_passed: bool = False,
        also: Collection[int] = (),
        said: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        """Ask the published file what the numbers rest on.

        Args:
            edition: The published file.
            asked: Unit → (indicator, period) of the values that will be proven.
            with_passed: Read also the tables that do not count.
            also: Further tables that are read, with their record kinds.
            said: Where the published numbers stand, if not there: a closed book.
        """
        self.edition = edition
        self._said = said or edition
        self._compiled: dict[str, IndicatorSql] = {}
        self._lineages: dict[tuple[str, str, str], Lineage] = {}
        self._idle: dict[tuple[str, str, str], dict[int, str]] = {}
        self._periods = dict(
            edition.execute("select period_id, (label, from_on, to_on) from ref.period").fetchall()
        )
        self._spans: dict[str, dict[str, Span]] = defaultdict(dict)
        self._shared: (
            tuple[str, RowsOfIndicator, dict[tuple[str, str, str | None], PublishedValue]] | None
        ) = None
        self._units: set[str] = set()
        self.also = sources_of(edition, also)
        self._kinds = {s.record for s in self.also.values()}
        parts, idle = set[int](), set[int]()
        for unit, wanted in asked.items():
            for name, period in sorted(wanted):
                lineage = self._lineage(unit, name, period)
                parts.update(lineage.parts)
                self._units.update(lineage.units)
                if with_passed:
                    _label, first_on, last_on = self._period(period)
                    found = idle_parts(edition, indicators()[name], lineage.units, first_on, last_on)
                    self._idle[unit, name, period] = found
                    idle.update(found)
                self._kinds.update(indicators()[name].records)
        self._parts = parts | {part for part, s in self.also.items() if s.is_in_force}
        self._read = {*self._parts, *idle, *self.also}

    @contextmanager
    def reread(self, paths: Paths, progress: Progress | None = None) -> Iterator[None]:
        """Read the files again; proofs are made inside."""
        deliveries = {s.delivery_id for s in sources_of(self.edition, self._read).values()}
        with reload_deliveries(
            paths, sorted(deliveries), self._kinds, sorted(self._parts), progress
        ) as again:
            again.take_over_losers(self.edition, sorted(self._parts))
            self.again = again
            yield

    def prove(self, asked: ValueAsked, categories: Sequence[str | None]) -> list[ValueProof]:
        """A proof per category of a value; quickest where one indicator is asked for all units before the next."""
        edition, again, key = self.edition, self.again, (asked.unit, asked.indicator, asked.period)
        indicator, compiled, lineage = (
            indicators()[asked.indicator],
            self._sql(asked.indicator),
            self._lineage(*key),
        )
        proofs = [self._empty(indicator, replace(asked, category=c)) for c in categories]
        first_on, last_on = proofs[0].first_on, proofs[0].last_on
        idle = self._idle.get(key, {})
        sources = sources_of(edition, {*lineage.parts, *idle})
        own = {s.delivery_id for s in sources.values()}
        used = {s.delivery_id for s in sources.values() if s.is_in_force}
        known = [d for d in again.sound if d.delivery_id in own]
        rows, values = self._rows(asked.indicator)
        differences = compare_deliveries(sources.values(), known, self.unsound_of(sources.values()))
        differences += compare_parts(edition, again.con, lineage.parts)
        named, differing = rows.differing(lineage)
        for proof in proofs:
            proof.predecessors = _names(edition, {*lineage.units} - {asked.unit})
            proof.withdrawn = sorted(d.delivery_id for d in known if d.withdrawn_at and d.delivery_id in used)
            proof.standing = list(lineage.standing)
            proof.differences, proof.differing_rows = [*differences, *named], differing
            placed = PlacedRows(again.con, compiled, lineage, PeriodAsked(first_on, last_on, proof.category))
            _take_rows(proof, placed, sources, asked)
            value = values.get((asked.unit, asked.period, proof.category))
            proof.differences += compare_number(proof, indicator, value)
            if asked.with_passed:
                _add_uncounted(again.con, proof, placed, indicator, lineage, sources, idle, asked.limit)
            if proof.published and proof.published.state == "zero" and not proof.counted:
                proof.reported = _reported(edition, proof, indicator, lineage)
            if proof.lines or proof.passed:
                _add_cells(again.con, proof, indicator)
        return proofs

    def unsound_of(self, sources: Collection[SourceTable]) -> list[UnsoundDelivery]:
        """The deliveries of some tables that cannot be read again as they were."""
        own = {s.delivery_id for s in sources}
        return [u for u in self.again.unsound if u.delivery_id in own]

    def _sql(self, name: str) -> IndicatorSql:
        if name not in self._compiled:
            self._compiled[name] = compile_indicator(self.edition, indicators()[name], records())
        return self._compiled[name]

    def _period(self, period: str) -> tuple[str, date, date]:
        if period not in self._periods:
            raise NotPublishedError(_("no period {period} in data/reference/period.csv", period=period))
        label, first_on, last_on = self._periods[period]
        return label, first_on, last_on

    def _lineage(self, unit: str, name: str, period: str) -> Lineage:
        key = (unit, name, period)
        if key not in self._lineages:
            _label, first_on, last_on = self._period(period)
            self._spans[name][period] = (first_on, last_on)
            self._lineages[key] = lineage_of(self.edition, self._sql(name), unit, first_on, last_on)
        return self._lineages[key]

    def _rows(self, name: str) -> tuple[RowsOfIndicator, dict[tuple[str, str, str | None], PublishedValue]]:
        """The rows of an indicator for all units, and what the published ones come to; of the last indicator asked for."""
        if self._shared is None or self._shared[0] != name:
            rows = RowsOfIndicator(self.edition, self.again.con, self._sql(name), self._units)
            self._shared = (name, rows, aggregated(self.edition, indicators()[name], self._spans[name]))
        return self._shared[1:]

    def _empty(self, indicator: Indicator, asked: ValueAsked) -> ValueProof:
        return _empty_proof(self._said, indicator, asked, self._period(asked.period))


def _empty_proof(
    edition: duckdb.DuckDBPyConnection,
    indicator: Indicator,
    asked: ValueAsked,
    period: tuple[str, date, date],
) -> ValueProof:
    """What is asked and what was published."""
    names = _names(edition, {asked.unit})
    if asked.unit not in names:
        raise NotPublishedError(_("the published edition has no unit {unit}", unit=asked.unit))
    label, first_on, last_on = period
    made = edition.execute("select code_fingerprint from meta.run").fetchone()
    proof = ValueProof(
        unit=asked.unit,
        unit_name=names[asked.unit],
        indicator=indicator.indicator,
        label=indicator.label,
        measure=indicator.unit,
        shape=indicator.shape.value,
        basis=indicator.basis,
        statement=indicator.body,
        period=asked.period,
        period_label=label,
        first_on=first_on,
        last_on=last_on,
        category=asked.category,
        is_older_code=made != (row_meaning(),),
    )
    proof.published = published_value(edition, proof)
    if asked.category is None:
        proof.remarks = [
            message
            for (message,) in edition.execute(
                "select message from metric.flag where unit_code = $unit and period_id = $period and indicator_id = $indicator "
                "order by flag",
                {"unit": asked.unit, "period": asked.period, "indicator": indicator.indicator},
            ).fetchall()
        ]
    return proof


def _names(edition: duckdb.DuckDBPyConnection, units: set[str]) -> dict[str, str]:
    rows = edition.execute(
        "select unit_code, name from ref.unit where list_contains($units, unit_code) order by unit_code",
        {"units": sorted(units)},
    ).fetchall()
    return dict(rows)


def _take_rows(
    proof: ValueProof, placed: PlacedRows, sources: Mapping[int, SourceTable], asked: ValueAsked
) -> None:
    """Sum the rows that count, keep the first of them, and hand all of them to the sink."""
    counted = placed.counted_by_part()
    proof.tally, proof.counted = placed.sum(), sum(counted.values())
    proof.sources = [replace(s, counted=counted.get(p, 0)) for p, s in sources.items()]
    proof.lines = list(placed.counted(asked.limit))
    if asked.sink:
        for line in placed.counted():
            asked.sink(proof.indicator, line, sources[line.part_id])


def _reported(
    edition: duckdb.DuckDBPyConnection, proof: ValueProof, indicator: Indicator, lineage: Lineage
) -> list[SourceTable]:
    """What was handed in for the period and names nothing: the reason of a zero."""
    [(office,)] = edition.execute(
        "select parent_code from ref.unit where unit_code = $unit", {"unit": proof.unit}
    ).fetchall()
    asked = {
        "office": office,
        "units": list(lineage.units),
        "first": proof.first_on,
        "last": proof.last_on,
        "records": list(indicator.reported_by),
        "standing": list(lineage.standing),
    }
    rows = run_file(edition, ROOT / "sql" / "audit" / "reported_part.sql", asked).fetchall()
    return list(sources_of(edition, {part for (part,) in rows}).values())


def _concerns(source: SourceTable, proof: ValueProof, lineage: Lineage) -> bool:
    """Whether a table is about the period: the roll of its last day, or one that covers a day of it."""
    if source.part_id in lineage.standing:
        return True
    first, last = source.covers_from, source.covers_to
    is_about = first is None or last is None or (first <= proof.last_on and last >= proof.first_on)
    return is_about and source.part_id not in lineage.other_rolls


def _add_uncounted(
    con: duckdb.DuckDBPyConnection,
    proof: ValueProof,
    placed: PlacedRows,
    indicator: Indicator,
    lineage: Lineage,
    sources: Mapping[int, SourceTable],
    idle: Mapping[int, str],
    limit: int,
) -> None:
    """Add the rows of the period's tables that do not count: not given by the SELECT, or given and lying elsewhere."""
    concerned = {p: s for p, s in sources.items() if p in idle or _concerns(s, proof, lineage)}
    found, reasons = passed_over(con, indicator, concerned, lineage.units, idle, limit)
    elsewhere, more = placed.not_counted(list(concerned), limit)
    proof.passed = [*found, *(UncountedRow(*row) for row in elsewhere)][:limit]
    proof.passed_by_reason.update(reasons)
    proof.passed_by_reason.update(more)


def _add_cells(con: duckdb.DuckDBPyConnection, proof: ValueProof, indicator: Indicator) -> None:
    addresses = {(line.part_id, line.row_number) for line in proof.lines}
    addresses |= {(p.part_id, p.row_number) for p in proof.passed if p.row_number is not None}
    found = cells(con, indicator, addresses)
    proof.lines = [replace(x, cells=found.get((x.part_id, x.row_number), ())) for x in proof.lines]
    proof.passed = [
        x if x.row_number is None else replace(x, cells=found.get((x.part_id, x.row_number), ()))
        for x in proof.passed
    ]
